/** An app's settings, read from its own database each time: they may have been changed by another process. */
import { appSettingsSchema, type AppSettings } from '../../../contract/app-settings';
import type { AppStore } from '../../storage/app/repositories';

export const appSetting = 'app';

export async function readAppSettings(store: Pick<AppStore, 'read'>): Promise<AppSettings> {
	return appSettingsSchema.parse(await store.read.settings.find(appSetting));
}
