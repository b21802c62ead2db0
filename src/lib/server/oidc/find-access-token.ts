/** Whom an access token speaks for: the question that our own API asks about a bearer. */
import { RequestWrites, runWithWrites } from './adapter/request-writes';
import { findAccount } from './accounts';
import type { Engine } from './engine';

export interface FoundToken {
	/** The user it was issued for. */
	userId: string;
	clientId: string;
	scopes: string[];
}

/** @returns undefined for a token that is unknown, over, revoked, of another app, or of a disabled user */
export async function findAccessToken({ app, provider }: Engine, value: string): Promise<FoundToken | undefined> {
	return runWithWrites(new RequestWrites(app.store), async () => {
		const token = await provider.AccessToken.find(value);
		const grant = token?.grantId ? await provider.Grant.find(token.grantId) : undefined;
		const client = token?.clientId ? await provider.Client.find(token.clientId) : undefined;
		const account = token && (await findAccount(app.store.read, token.accountId));
		if (!token || !grant || !client || !account || grant.accountId !== account.accountId) return undefined;
		const allowed = new Set(client.scope?.split(' '));
		const scopes = grant.getOIDCScopeFiltered(token.scopes).split(' ').filter((scope) => allowed.has(scope));
		return { userId: account.accountId, clientId: client.clientId, scopes };
	});
}
