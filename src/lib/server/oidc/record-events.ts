/** Security events of the engine, written together with the changes that they record. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import Provider, { type KoaContextWithOIDC, type errors } from 'oidc-provider';
import { requestContext } from '../runtime/log';
import { digest } from '../runtime/vault';
import type { AuditEntry } from '../storage/shared/audit';
import { currentWrites } from './adapter/request-writes';
import type { EngineApp } from './engine-app';

/** Reuse one after the other; reuse at the same moment is recorded by `replayed-code.ts`. */
const reuse = new Set(['refresh token already used', 'authorization code already consumed']);

export type EngineEvent = Pick<AuditEntry, 'action' | 'actor'> &
	Partial<Pick<AuditEntry, 'outcome' | 'target' | 'detail'>>;

export function entryOf(app: Pick<EngineApp, 'clock'>, event: EngineEvent, address: string): AuditEntry {
	return {
		outcome: 'ok',
		target: '',
		detail: {},
		...event,
		at: app.clock.now(),
		address,
		requestId: requestContext.getStore()?.requestId ?? '',
	};
}

export function addEvent(app: Pick<EngineApp, 'clock'>, event: EngineEvent, address: string): void {
	const entry = entryOf(app, event, address);
	currentWrites().also((tx) => tx.audit.add(entry));
}

export function recordEngineEvents(
	provider: Provider,
	app: EngineApp,
	addressOf: (req: IncomingMessage) => string,
): void {
	provider.on('grant.error', (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
		const id = ctx.oidc.client?.clientId ?? '';
		if (!reuse.has(error.error_detail ?? '')) return;
		addEvent(
			app,
			{
				action: 'token.reuse',
				outcome: 'refused',
				actor: { kind: 'client', id },
				detail: { reason: error.error_detail },
			},
			addressOf(ctx.req),
		);
	});
	// Not emitted when a session only gets a new id. The session has ended, and the browser's own ends with it.
	provider.on('session.destroyed', (session: { uid: string; accountId?: string }) => {
		currentWrites().also((tx) => tx.sessions.deleteByEngineSession(digest(session.uid)));
		if (session.accountId === undefined) return;
		const { accountId: id } = session;
		const req = Provider.ctx?.req;
		addEvent(
			app,
			{ action: 'user.sign-out', actor: { kind: 'user', id }, target: `user:${id}` },
			req ? addressOf(req) : '',
		);
	});
	// Connections that broke off; without a listener each would be printed.
	(provider as EventEmitter).on('error', (error: Error) =>
		app.log.debug({ err: error, app: app.id }, 'a request broke off'),
	);
	provider.on('server_error', (ctx: KoaContextWithOIDC, error: Error) =>
		app.log.error({ err: error, path: ctx.path, app: app.id }, 'the engine failed'),
	);
}
