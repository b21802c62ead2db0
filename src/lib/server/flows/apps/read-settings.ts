/**
 * An app's settings as its own database has them: they may have been changed by another process. Parsed only
 * when the text changed.
 */
import { appSettingsSchema, type AppSettings } from '../../../contract/app-settings';
import { remembered } from '../../runtime/remembered';
import type { AppStore } from '../../storage/app/repositories';
import type { SettingsSource } from '../services';

export const appSetting = 'app';

/** @returns a reader of the settings as stored now, or as the given transaction sees them */
export function settingsReader(
	store: Pick<AppStore, 'read' | 'settledVersion'>,
): (tx?: SettingsSource) => Promise<AppSettings> {
	let parsed: { text: string; settings: AppSettings } | undefined;
	const readFrom = async ({ settings }: SettingsSource) => {
		const text = (await settings.findText(appSetting)) ?? '{}';
		if (parsed?.text !== text) parsed = { text, settings: appSettingsSchema.parse(JSON.parse(text)) };
		return parsed.settings;
	};
	const readCommitted = remembered(store, () => readFrom(store.read));
	return (tx) => (tx ? readFrom(tx) : readCommitted());
}
