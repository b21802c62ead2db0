/** Relying parties that the file names. */
import type { ClientSettings } from '../../../contract/client-settings';
import { sameSecret } from '../../runtime/vault';
import { secretContext, type Client } from '../../storage/app/clients';
import { createClient, deleteClient, updateClient, viewClient } from '../clients/manage-clients';
import type { AppServices } from '../services';
import { changeOrNot, isSame, mergeList, perform, type Place, type Run } from './run';
import type { WantedClient } from './schema';

const lists = ['redirectUris', 'postLogoutRedirectUris'] as const;

/** What the file says of it, in the names of the flow. Having a secret makes it confidential. */
function settingsOf({ prune: _, secret, ...named }: WantedClient) {
	return { ...named, ...(secret ? { confidential: true } : {}) };
}

function changeOf(wanted: WantedClient, before: ClientSettings, prune: boolean): Partial<ClientSettings> {
	const { id: _, ...named } = settingsOf(wanted);
	const merged: Partial<ClientSettings> = { ...named };
	for (const list of lists) {
		const given = named[list];
		if (given) merged[list] = mergeList(before[list], given, prune);
	}
	const different = Object.entries(merged).filter(
		([key, value]) => !isSame(before[key as keyof ClientSettings], value),
	);
	return Object.fromEntries(different);
}

function hasSecret(app: AppServices, stored: Client, secret: string): boolean {
	return (
		stored.secret !== null && sameSecret(app.vault.open(stored.secret, secretContext(stored.id)), secret)
	);
}

export async function applyClient(
	run: Run,
	app: AppServices | undefined,
	{ wanted, place, prune }: { wanted: WantedClient; place: Place; prune: boolean },
): Promise<void> {
	const { actor, visitor } = run;
	const stored = await app?.store.read.clients.find(wanted.id);
	if (!app || !stored) {
		const settings = { name: wanted.id, ...settingsOf(wanted) };
		const create = () =>
			app ? createClient(app, { settings, secret: wanted.secret, actor }, visitor) : Promise.resolve();
		return perform(run, place, { deed: 'create', fields: [], work: create });
	}
	const change = changeOf(wanted, viewClient(stored), wanted.prune ?? prune);
	const secret =
		wanted.secret !== undefined && !hasSecret(app, stored, wanted.secret) ? wanted.secret : undefined;
	const fields = [...Object.keys(change), ...(secret ? ['secret'] : [])];
	const { id } = wanted;
	await perform(run, place, {
		deed: changeOrNot(fields),
		fields,
		work: () => updateClient(app, { id, change, secret, actor }, visitor),
	});
}

/** With `prune`, clients that the file does not name go, with everything issued to them. */
export async function removeOtherClients(
	run: Run,
	app: AppServices,
	{ wanted, place }: { wanted: readonly WantedClient[]; place: Place },
): Promise<void> {
	const named = new Set(wanted.map((client) => client.id));
	for (const { id } of await app.store.read.clients.list()) {
		if (named.has(id)) continue;
		const there = { object: `${place.object} client:${id}`, path: place.path };
		const work = () => deleteClient(app, { id, actor: run.actor }, run.visitor);
		await perform(run, there, { deed: 'remove', fields: [], work });
	}
}
