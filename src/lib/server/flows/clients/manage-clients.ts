/** Relying parties of an app. A secret is shown once, when it is made. */
import { clientSettingsSchema, type ClientSettings } from '../../../contract/client-settings';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { randomToken } from '../../runtime/random';
import { secretContext, type Client } from '../../storage/app/clients';
import type { AppRepositories } from '../../storage/app/repositories';
import { isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';

type Needs = Pick<AppServices, 'id' | 'store' | 'vault' | 'engine' | 'clock'>;

/** A client as shown: whether it has a secret, never the secret. */
export type ClientView = ClientSettings & { createdAt: number; updatedAt: number };

export function viewClient(client: Client): ClientView {
	const { secret, backchannelLogoutUri, ...rest } = client;
	return { ...rest, confidential: secret !== null, backchannelLogoutUri: backchannelLogoutUri ?? '' };
}

/** @throws Refusal input/invalid, client/redirect-invalid */
export function parseClientSettings(input: unknown): ClientSettings {
	const result = clientSettingsSchema.safeParse(input);
	if (result.success) return result.data;
	const redirect = result.error.issues.find((issue) => issue.code === 'custom' && issue.params?.['redirect']);
	const code: ErrorCode = redirect ? 'client/redirect-invalid' : 'input/invalid';
	const invalid: ErrorCode = 'input/invalid';
	const fields = Object.fromEntries(
		result.error.issues.map((issue) => [String(issue.path[0] ?? 'id'), issue === redirect ? code : invalid]),
	);
	throw new Refusal(code, { fields, params: redirect ? { uri: redirect.message } : {} });
}

function rowOf(
	settings: ClientSettings,
	secret: string | null,
	times: { createdAt: number; updatedAt: number },
): Client {
	const { confidential: _, backchannelLogoutUri, ...rest } = settings;
	return { ...rest, ...times, secret, backchannelLogoutUri: backchannelLogoutUri || null };
}

export interface MadeClient {
	client: ClientView;
	/** Shown once; null for a public client. */
	secret: string | null;
}

/** @param input.secret chosen by the apply file; made here otherwise @throws Refusal client/id-taken, client/redirect-invalid, input/invalid */
export async function createClient(
	services: Needs,
	{
		settings: input,
		secret: chosen,
		actor,
	}: { settings: unknown; secret?: string | undefined; actor: Actor },
	visitor: Visitor,
): Promise<MadeClient> {
	const settings = parseClientSettings(input);
	const now = services.clock.now();
	const secret = settings.confidential ? (chosen ?? randomToken(32)) : null;
	const row = rowOf(settings, secret && services.vault.seal(secret, secretContext(settings.id)), {
		createdAt: now,
		updatedAt: now,
	});
	await services.store.write(async (tx) => {
		await tx.clients.create(row).catch((error: unknown) => {
			throw isDuplicate(error)
				? new Refusal('client/id-taken', { fields: { id: 'client/id-taken' }, cause: error })
				: error;
		});
		await recordEvent(
			tx,
			{ action: 'client.create', actor, target: `client:${row.id}` },
			{ clock: services.clock, visitor },
		);
	});
	return { client: viewClient(row), secret };
}

/** The client, locked against other changes until this write is over. @throws Refusal client/not-found */
async function heldClient(tx: AppRepositories, id: string): Promise<Client> {
	await tx.clients.hold(id);
	const client = await tx.clients.find(id);
	if (!client) throw new Refusal('client/not-found');
	return client;
}

type WantedChange = Partial<ClientSettings> | ((now: ClientView) => Partial<ClientSettings>);

/**
 * Changes what is named.
 * @param wanted.change may be a function of the client, called once it is locked against other changes
 * @throws Refusal client/not-found, client/redirect-invalid, input/invalid
 */
export async function updateClient(
	services: Needs,
	{
		id,
		change: wanted,
		secret: chosen,
		actor,
	}: { id: string; change: WantedChange; secret?: string | undefined; actor: Actor },
	visitor: Visitor,
): Promise<MadeClient> {
	return services.store.write(async (tx) => {
		// Of two changes at once, neither brings back what the other replaced.
		const before = await heldClient(tx, id);
		const change = typeof wanted === 'function' ? wanted(viewClient(before)) : wanted;
		const { row, secret } = changedRow(services, before, { change, chosen });
		const fields = [...Object.keys(change), ...(secret ? ['secret'] : [])];
		if (fields.length === 0) return { client: viewClient(before), secret: null };
		await tx.clients.update(row);
		// What was granted without asking needs consent once the client is no longer first-party.
		if (before.firstParty && !row.firstParty) await services.engine.endClient(tx, id);
		await recordEvent(
			tx,
			{ action: 'client.update', actor, target: `client:${id}`, detail: { fields } },
			{ clock: services.clock, visitor },
		);
		return { client: viewClient(row), secret };
	});
}

function changedRow(
	services: Pick<Needs, 'vault' | 'clock'>,
	before: Client,
	{ change, chosen }: { change: Partial<ClientSettings>; chosen: string | undefined },
): { row: Client; secret: string | null } {
	const { createdAt, updatedAt: _, ...view } = viewClient(before);
	const settings = parseClientSettings({ ...view, ...change, id: before.id });
	const times = { createdAt, updatedAt: services.clock.now() };
	if (!settings.confidential) return { row: rowOf(settings, null, times), secret: null };
	const made = chosen ?? (before.secret === null ? randomToken(32) : undefined);
	const sealed = made ? services.vault.seal(made, secretContext(before.id)) : before.secret;
	return { row: rowOf(settings, sealed, times), secret: made ?? null };
}

/** Makes a new secret; the old one stops at once. @throws Refusal client/not-found, input/invalid (public client) */
export async function rotateClientSecret(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<MadeClient> {
	const secret = randomToken(32);
	return services.store.write(async (tx) => {
		const before = await heldClient(tx, id);
		if (before.secret === null)
			throw new Refusal('input/invalid', { detail: 'a public client has no secret' });
		const sealed = services.vault.seal(secret, secretContext(id));
		const row: Client = { ...before, secret: sealed, updatedAt: services.clock.now() };
		await tx.clients.update(row);
		await recordEvent(
			tx,
			{ action: 'client.rotate-secret', actor, target: `client:${id}` },
			{ clock: services.clock, visitor },
		);
		return { client: viewClient(row), secret };
	});
}

/** Removes a client and everything issued to it. @throws Refusal client/not-found */
export async function deleteClient(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		await services.engine.endClient(tx, id);
		if (!(await tx.clients.delete(id))) throw new Refusal('client/not-found');
		await recordEvent(
			tx,
			{ action: 'client.delete', actor, target: `client:${id}` },
			{ clock: services.clock, visitor },
		);
	});
}

export async function listClients(services: Pick<Needs, 'store'>): Promise<ClientView[]> {
	return (await services.store.read.clients.list()).map(viewClient);
}

/** @throws Refusal client/not-found */
export async function getClient(services: Pick<Needs, 'store'>, id: string): Promise<ClientView> {
	const client = await services.store.read.clients.find(id);
	if (!client) throw new Refusal('client/not-found');
	return viewClient(client);
}
