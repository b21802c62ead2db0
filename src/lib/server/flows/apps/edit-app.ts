/**
 * The console's forms of an app's settings: only the fields that were changed in a form are written, so old values that
 * it showed are not put back.
 */
import { editedFields, shownIn } from '../../domain/edited';
import type { Actor, Visitor } from '../services';
import { updateApp, type AppSettingsInput } from './manage-apps';

const nested = ['theme', 'senders'] as const;

/** Within theme and senders field by field as well. */
function editOf(drawn: unknown, typed: AppSettingsInput): AppSettingsInput {
	const shown = shownIn(drawn);
	const edited = editedFields<AppSettingsInput>(shown, typed);
	for (const name of nested)
		if (edited[name]) edited[name] = editedFields(shownIn(shown[name]), edited[name]);
	return edited;
}

/**
 * @param edit.drawn the settings that the form showed
 * @throws Refusal input/outdated (without `drawn`), and what `updateApp` throws
 */
export async function editApp(
	services: Parameters<typeof updateApp>[0],
	{ id, drawn, typed, actor }: { id: number; drawn: unknown; typed: AppSettingsInput; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	const change = editOf(drawn, typed);
	if (Object.keys(change).length > 0) await updateApp(services, { id, change, actor }, visitor);
}
