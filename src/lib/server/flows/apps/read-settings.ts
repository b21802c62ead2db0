/**
 * An app's settings as its own database has them: they may have been changed by another process. Parsed only
 * when the text changed.
 */
import { appSettingsSchema, type AppSettings } from '../../../contract/app-settings';
import { remembered } from '../../runtime/remembered';
import type { AppStore } from '../../storage/app/repositories';

export const appSetting = 'app';

/** @returns a reader of the settings as they stand now */
export function settingsReader(store: Pick<AppStore, 'read' | 'settledVersion'>): () => Promise<AppSettings> {
	let parsed: { text: string; settings: AppSettings } | undefined;
	return remembered(store, async () => {
		const text = (await store.read.settings.findText(appSetting)) ?? '{}';
		if (parsed?.text !== text) parsed = { text, settings: appSettingsSchema.parse(JSON.parse(text)) };
		return parsed.settings;
	});
}
