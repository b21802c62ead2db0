/**
 * What a user allowed a client, in one browser's session. The consent row is the memory across browsers:
 * a session's grant is filled from it, so that each session can end its own tokens without affecting others.
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isFirstParty, isImpersonable } from './clients';
import type { EngineApp } from './engine-app';

type Grant = NonNullable<KoaContextWithOIDC['oidc']['grant']>;

/**
 * The scopes that need no consent page: all for a first-party client that can be recognised, else the remembered
 * ones.
 */
async function allowedScopes(app: EngineApp, ctx: KoaContextWithOIDC): Promise<Set<string>> {
	const { client, account, params } = ctx.oidc;
	if (!client || !account) return new Set();
	if (isFirstParty(client) && !isImpersonable(String(params?.['redirect_uri'])))
		return ctx.oidc.requestParamOIDCScopes;
	const consent = await app.store.read.consents.find(account.accountId, client.clientId);
	return new Set(consent?.scopes);
}

/** The id of the grant just consented to, else of the one that this session has. */
const grantIdOf = ({ client, session, result }: KoaContextWithOIDC['oidc']) =>
	result?.consent?.grantId ?? (client && session?.grantIdFor(client.clientId));

/** The grant, if it is this user's and this client's. */
async function findGrant({ oidc }: KoaContextWithOIDC): Promise<Grant | undefined> {
	const id = grantIdOf(oidc);
	const grant = id ? await oidc.provider.Grant.find(id) : undefined;
	const isOurs = grant?.accountId === oidc.session?.accountId && grant?.clientId === oidc.client?.clientId;
	return isOurs ? grant : undefined;
}

export async function loadExistingGrant(app: EngineApp, ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
	const found = await findGrant(ctx);
	const encountered = new Set(found?.getOIDCScopeEncountered().split(' '));
	const missing = [...ctx.oidc.requestParamOIDCScopes].filter((scope) => !encountered.has(scope));
	if (found && missing.length === 0) return found;
	const allowed = await allowedScopes(app, ctx);
	const granted = missing.filter((scope) => allowed.has(scope));
	if (granted.length === 0) return found;
	const { provider, client, account } = ctx.oidc;
	const grant = found ?? new provider.Grant({ accountId: account?.accountId, clientId: client?.clientId });
	grant.addOIDCScope(granted.join(' '));
	await grant.save();
	return grant;
}
