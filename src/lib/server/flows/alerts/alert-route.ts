/** Where alerts go and what carries them: the address that the console names, else ALERT_EMAIL; the appliance's own sender. */
import { Refusal } from '../../../contract/errors';
import type { ApplianceServices } from '../services';
import { readApplianceMail } from '../messages/appliance-sender';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'alertEmail'>;

export async function alertAddress(
	services: Pick<Needs, 'control' | 'alertEmail'>,
): Promise<string | undefined> {
	const { alertEmail } = await readApplianceMail(services);
	return alertEmail || services.alertEmail;
}

/**
 * The outbox does not count: what it holds is read on an app's pages, and an alert belongs to no app.
 * @throws Refusal sender/not-configured
 */
export async function alertSender({
	control,
	plugins: { appliance },
}: Pick<Needs, 'control' | 'plugins'>): Promise<string> {
	const { email } = await readApplianceMail({ control });
	try {
		if (!email || appliance.manifestOf(email).trial) throw new Refusal('plugin/not-found');
		await appliance.requireSender(email, 'email');
		return email;
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		throw new Refusal('sender/not-configured', { params: { channel: 'email' }, cause: error });
	}
}

/** Whether a sender of the appliance could carry an alert. */
export async function canAlert(services: Pick<Needs, 'control' | 'plugins'>): Promise<boolean> {
	return alertSender(services).then(
		() => true,
		(error: unknown) => (error instanceof Refusal ? false : Promise.reject(error)),
	);
}
