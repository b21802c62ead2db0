/** Whether a page should ask for a password at all: the app has accounts of its own, and the method is switched on. */
import type { AppServices } from '../services';

export async function offersPasswords(services: Pick<AppServices, 'settings' | 'plugins'>): Promise<boolean> {
	const { systemAccounts } = await services.settings();
	return systemAccounts && (await services.plugins.isEnabled('password'));
}
