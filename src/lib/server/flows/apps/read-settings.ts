/**
 * An app's settings, read from its own database each time: they may have been changed by another process.
 * Parsed only when the text changed.
 */
import { appSettingsSchema, type AppSettings } from '../../../contract/app-settings';
import type { AppStore } from '../../storage/app/repositories';

export const appSetting = 'app';

/** @returns a reader of the settings as they stand now */
export function settingsReader(store: Pick<AppStore, 'read'>): () => Promise<AppSettings> {
	let parsed: { text: string; settings: AppSettings } | undefined;
	return async () => {
		const text = (await store.read.settings.findText(appSetting)) ?? '{}';
		if (parsed?.text !== text) parsed = { text, settings: appSettingsSchema.parse(JSON.parse(text)) };
		return parsed.settings;
	};
}
