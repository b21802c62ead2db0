/** The user and client behind an access token: the question that our own API asks about a bearer token. */
import { RequestWrites, runWithWrites } from './adapter/request-writes';
import { findAccount } from './accounts';
import type { Engine } from './engine';

export interface FoundToken {
	/** The user it was issued for. */
	userId: string;
	clientId: string;
	scopes: string[];
}

async function find({ app, provider }: Engine, value: string): Promise<FoundToken | undefined> {
	const token = await provider.AccessToken.find(value);
	if (!token?.clientId) return undefined;
	const [grant, client, account] = await Promise.all([
		provider.Grant.find(token.grantId),
		provider.Client.find(token.clientId),
		findAccount(app.store.read, token.accountId),
	]);
	if (!grant || !client || !account || grant.accountId !== account.accountId) return undefined;
	const allowed = new Set(client.scope?.split(' '));
	const scopes = grant
		.getOIDCScopeFiltered(token.scopes)
		.split(' ')
		.filter((scope) => allowed.has(scope));
	return { userId: account.accountId, clientId: client.clientId, scopes };
}

/** @returns undefined for a token that is unknown, expired, revoked, of another app, or of a disabled user */
export function findAccessToken(engine: Engine, value: string): Promise<FoundToken | undefined> {
	return runWithWrites(new RequestWrites(engine.app.store), () => find(engine, value));
}
