/** One app's engine: panva's oidc-provider with our storage behind it and one transaction around each request. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import type { SigningKey } from '../storage/app/signing-keys';
import { currentWrites, gatherWrites } from './adapter/request-writes';
import { setHeadersAfter, setHeadersBefore } from './answer-headers';
import { limitSecretGuessing } from './client-attempts';
import { configurationFor } from './configuration';
import { createCookieSigner } from './cookie-signer';
import type { EngineApp } from './engine-app';
import { answerFailure } from './failures';
import { fingerprintOf } from './keys/rotation';
import { openPrivateKey } from './keys/signing-keys';
import { readAccessLife } from './lifetimes';
import { queueNoticesInstead, type SendNotice } from './logout/notices';
import { logoutAtOnce, sessionEndedBy } from './logout/rp-logout';
import type { EnginePages } from './pages/engine-pages';
import { recordEngineEvents } from './record-events';
import { punishReplay } from './replayed-code';

export interface EngineOptions {
	/** Scheme and host of every address. */
	origin: URL;
	/** SSRF-guarded. */
	fetch: typeof fetch;
	/** Client address of a request, believed proxies skipped. */
	addressOf: (req: IncomingMessage) => string;
	pages: (app: EngineApp) => EnginePages;
	/** Logout notices were queued. */
	onLogoutQueued: (app: number) => void;
}

export interface Engine {
	readonly app: EngineApp;
	readonly provider: Provider;
	/** Where the issuer is mounted: `/apps/<id>`. */
	readonly mount: string;
	/** Fingerprint of the keys it was built with. */
	readonly keys: string;
	/** Answers a request whose address and headers were pinned. */
	handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
	/** Sends one back-channel notice. */
	readonly sendNotice: SendNotice;
}

type Next = () => Promise<unknown>;

type Settled = Pick<EngineOptions, 'addressOf'> & { app: EngineApp };

async function settle(ctx: KoaContextWithOIDC, settled: Settled, next: Next): Promise<void> {
	const { app } = settled;
	const writes = gatherWrites(ctx, app.store);
	const failures: unknown[] = [];
	const note = (error: unknown) => void failures.push(error);
	// A refusal may have writes too: a replayed code revokes the tokens issued for it.
	await next().catch(note);
	const ended = await sessionEndedBy(app, ctx);
	if (ended) writes.also((tx) => tx.sessions.delete(ended.id));
	await writes.flush().catch(async (error: unknown) => {
		note(error);
		await punishReplay(ctx, error, settled).catch(note);
	});
	if (failures.length > 0) answerFailure(ctx, failures.at(-1), app.log);
}

/**
 * The engine hashes a client's metadata at each look-up to find its cached object; the row has not changed here.
 */
function rememberClients(provider: Provider): void {
	const find = provider.Client.find.bind(provider.Client);
	const engine = randomUUID();
	provider.Client.find = (id) =>
		currentWrites().reads.settled(`client of ${engine}: ${String(id)}`, () => find(id));
}

export function buildEngine(app: EngineApp, keys: readonly SigningKey[], options: EngineOptions): Engine {
	const { origin } = options;
	const mount = `/apps/${app.id}`;
	const pages = options.pages(app);
	const provider = new Provider(
		origin.origin + mount,
		configurationFor({
			app,
			origin: origin.origin,
			jwks: { keys: keys.map((key) => openPrivateKey(key, app.vault)) },
			pages,
			fetch: options.fetch,
		}),
	);
	rememberClients(provider);
	provider.keys = createCookieSigner(app.vault.hmac('1', 'engine-cookies'));
	provider.proxy = origin.protocol === 'https:';
	limitSecretGuessing(provider, app, options.addressOf);
	recordEngineEvents(provider, app, options.addressOf);
	const sendNotice = queueNoticesInstead(provider, app, options.onLogoutQueued);
	provider.use(async (context, next) => {
		const ctx = context as unknown as KoaContextWithOIDC;
		setHeadersBefore(ctx);
		if (ctx.path === '/oidc/token') await readAccessLife(app, ctx);
		await settle(ctx, { app, addressOf: options.addressOf }, next);
		await logoutAtOnce(ctx, { app, origin, mount, provider, pages });
		setHeadersAfter(ctx);
	});
	const callback = provider.callback();
	return {
		app,
		provider,
		mount,
		keys: fingerprintOf(keys),
		handle: async (req, res) => void (await callback(req, res)),
		sendNotice,
	};
}
