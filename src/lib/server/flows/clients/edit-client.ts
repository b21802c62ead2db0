/**
 * The console's form of a client: only the fields that were changed in it are written, so old values that it showed
 * are not put back.
 */
import { z } from 'zod';
import type { ClientSettings } from '../../../contract/client-settings';
import { Refusal } from '../../../contract/errors';
import { editedFields, editedList } from '../../domain/edited';
import type { Actor, AppServices, Visitor } from '../services';
import { updateClient, type ClientView, type MadeClient } from './manage-clients';

const drawnSchema = z.object({
	name: z.string(),
	website: z.string(),
	firstParty: z.boolean(),
	pkceRequired: z.boolean(),
	redirectUris: z.array(z.string()),
	postLogoutRedirectUris: z.array(z.string()),
	backchannelLogoutUri: z.string(),
	idTokenAlg: z.enum(['RS256', 'ES256']),
});
export type TypedClient = z.output<typeof drawnSchema>;

/** What the form shows. It comes back beside what was typed. */
export const drawClient = (client: ClientView): TypedClient => drawnSchema.parse(client);

const lists = ['redirectUris', 'postLogoutRedirectUris'] as const;

function editOf({ drawn, typed, now }: Record<'drawn' | 'typed', TypedClient> & { now: ClientView }) {
	const edited: Partial<ClientSettings> = editedFields(drawn, typed);
	const edit = (name: (typeof lists)[number]) => ({ drawn: drawn[name], typed: typed[name] });
	// The order as typed, where nobody else changed the list; else address by address.
	const listOf = (name: (typeof lists)[number]) =>
		now[name].join() === drawn[name].join() ? typed[name] : editedList(now[name], edit(name));
	const changed = lists.filter((name) => edited[name]);
	return { ...edited, ...Object.fromEntries(changed.map((name) => [name, listOf(name)])) };
}

/**
 * @param edit.drawn as `drawClient` made it
 * @throws Refusal input/outdated (without `drawn`), and what `updateClient` throws
 */
export async function editClient(
	services: Pick<AppServices, 'id' | 'store' | 'vault' | 'engine' | 'clock'>,
	{ id, drawn, typed, actor }: { id: string; drawn: unknown; typed: TypedClient; actor: Actor },
	visitor: Visitor,
): Promise<MadeClient> {
	const shown = drawnSchema.safeParse(drawn);
	if (!shown.success) throw new Refusal('input/outdated');
	const change = (now: ClientView) => editOf({ drawn: shown.data, typed, now });
	return updateClient(services, { id, change, actor }, visitor);
}
