/**
 * An authorization code that two requests redeem at the same moment. The engine does not see the second use; the
 * storage does, when the second request is about to be written. It is treated as a replay all the same (RFC 6749
 * §4.1.2): what the first request was given is revoked, and the event is logged.
 */
import type { IncomingMessage } from 'node:http';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { digest } from '../runtime/vault';
import { usedMeanwhile } from './adapter/request-writes';
import type { EngineApp } from './engine-app';
import { endGrant } from './link';
import { entryOf } from './record-events';

/**
 * In a transaction of its own: that of the losing request is rolled back. @param error the error of that request
 */
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
		// A renewal under way with the first request's tokens is either written before this and revoked too, or not
		// written at all.
		if (accountId) await tx.users.hold(accountId);
		await endGrant(tx, digest(grantId));
		await tx.audit.add(entry);
	});
}
