/**
 * Back-channel logout notices (OIDC Back-Channel Logout 1.0): queued in the transaction that ends the session, sent
 * afterwards, again and again if need be. No user's logout waits for a relying party.
 */
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import type { Payload } from '../adapter/stored-form';
import { currentWrites } from '../adapter/request-writes';
import type { EngineApp } from '../engine-app';

export interface Notice {
	clientId: string;
	accountId: string;
	/** The `sid` the client knows. */
	sid: string;
}

export type SendNotice = (client: Client, notice: Notice) => Promise<void>;

interface NotifiedClient {
	backchannelLogout(accountId: string, sid: string): Promise<void>;
}

export async function queueNotice(tx: AppRepositories, notice: Notice, now: number): Promise<void> {
	await tx.logoutDeliveries.create({ id: newId(), createdAt: now, ...notice });
}

/** One for each client that the session went to and that asks for notices. @param session a stored engine session */
export async function queueNoticesOf(tx: AppRepositories, session: Payload, now: number): Promise<void> {
	const { accountId, authorizations } = session as {
		accountId?: string;
		authorizations?: Record<string, { sid?: string }>;
	};
	if (!accountId) return;
	for (const [clientId, { sid }] of Object.entries(authorizations ?? {})) {
		const client = await tx.clients.find(clientId);
		if (client?.backchannelLogoutUri && sid) await queueNotice(tx, { clientId, accountId, sid }, now);
	}
}

/** Makes the engine queue notices instead of sending them. @returns the function that sends, for the worker */
export function queueNoticesInstead(
	provider: Provider,
	app: EngineApp,
	onQueued: (app: number) => void,
): SendNotice {
	const prototype = provider.Client.prototype as unknown as NotifiedClient;
	const send = prototype.backchannelLogout;
	prototype.backchannelLogout = async function (this: Client, accountId, sid) {
		const writes = currentWrites();
		const now = app.clock.now();
		writes.also((tx) => queueNotice(tx, { clientId: this.clientId, accountId, sid }, now));
		writes.afterwards(() => onQueued(app.id));
	};
	return (client, notice) => send.call(client as unknown as NotifiedClient, notice.accountId, notice.sid);
}
