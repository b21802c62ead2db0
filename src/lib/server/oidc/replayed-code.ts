/**
 * An authorization code that two requests redeem at the same moment. The engine sees none of them use it a second
 * time; the storage does, when the one that comes second is about to be written. It is taken for what it is all the
 * same (RFC 6749 §4.1.2): what the first one was given is taken back, and the log tells of it.
 */
import type { IncomingMessage } from 'node:http';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { digest } from '../runtime/vault';
import { usedMeanwhile } from './adapter/request-writes';
import type { EngineApp } from './engine-app';
import { endGrant } from './link';
import { entryOf } from './record-events';

/** In a transaction of its own: the one of the request that lost is not kept. @param error what it lost with */
export async function punishReplay(
	ctx: KoaContextWithOIDC,
	error: unknown,
	{ app, addressOf }: { app: EngineApp; addressOf: (req: IncomingMessage) => string },
): Promise<void> {
	if (!(error instanceof errors.InvalidGrant) || error.error_detail !== usedMeanwhile) return;
	// A refresh token has no such entity here: two tabs may renew at once (adapter/adapter.ts).
	const { AuthorizationCode: code, Client: client } = ctx.oidc.entities;
	if (!code?.grantId) return;
	const { accountId, grantId } = code;
	const reuse = {
		action: 'token.reuse',
		outcome: 'refused',
		actor: { kind: 'client', id: client?.clientId ?? '' },
		detail: { reason: usedMeanwhile },
	} as const;
	const entry = entryOf(app, reuse, addressOf(ctx.req));
	await app.store.write(async (tx) => {
		// What is being renewed with the first one's tokens comes before, and goes with them, or does not come at all.
		if (accountId) await tx.users.hold(accountId);
		await endGrant(tx, digest(grantId));
		await tx.audit.add(entry);
	});
}
