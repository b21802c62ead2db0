/** An appliance small enough for one test: real storage, sessions and engines behind a real HTTP server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appSettingsSchema, type AppSettings } from '../../src/lib/contract/app-settings';
import { Refusal } from '../../src/lib/contract/errors';
import { createLimiter } from '../../src/lib/server/limits/limiter';
import type { EngineApp } from '../../src/lib/server/oidc/engine-app';
import { createEngines, type Engines } from '../../src/lib/server/oidc/engines';
import { createGuardedFetch } from '../../src/lib/server/plugins/egress/guarded-fetch';
import { day, systemClock } from '../../src/lib/server/runtime/clock';
import { createLog } from '../../src/lib/server/runtime/log';
import { createVault, newDataKey } from '../../src/lib/server/runtime/vault';
import { createSessions } from '../../src/lib/server/sessions/sessions';
import type { Client } from '../../src/lib/server/storage/app/clients';
import { openStorage, type Storage } from '../../src/lib/server/storage/open';
import { interactionPage } from './interaction-page';

export type NewClient = Partial<Omit<Client, 'secret'>> & { id: string; secret?: string };

export interface Appliance {
	origin: string;
	/** Where it listens. */
	address: URL;
	engines: Engines;
	storage: Storage;
	app(id: number): Promise<EngineApp>;
	issuer(id: number): URL;
	addApp(id: number, settings?: Partial<AppSettings>): Promise<EngineApp>;
	addClient(app: number, client: NewClient): Promise<void>;
	/** @returns the user's id */
	addUser(
		app: number,
		username: string,
		change?: { email?: string; emailVerified?: boolean; roles?: string[] },
	): Promise<string>;
	/** Notices queued so far, as the engine reported. */
	queued: number[];
	close(): Promise<void>;
}

interface Options {
	/** What ORIGIN says, where that is not the address that the server listens on. */
	origin?: string;
	keep?: number;
	/** Unset: SQLite. */
	databaseUrl?: string;
}

const log = createLog({ level: process.env['TEST_LOG'] ?? 'silent', format: 'json' });

async function listen(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return (server.address() as AddressInfo).port;
}

async function openApp(storage: Storage, id: number, secure: boolean): Promise<EngineApp> {
	const store = await storage.app(id);
	const key = newDataKey();
	const clock = systemClock;
	const limits = () => ({ idle: 14 * day, max: 90 * day });
	return {
		id,
		store,
		clock,
		log,
		vault: createVault(key),
		limiter: createLimiter(store, clock),
		sessions: createSessions({ store, name: `menshen-${id}`, secure, limits, clock }),
		settings: async (tx = store.read) => appSettingsSchema.parse(await tx.settings.find('app')),
	};
}

const blankUser = {
	email: null,
	emailKey: null,
	emailContact: null,
	phone: null,
	phoneKey: null,
	phoneVerified: false,
	locale: null,
};

async function addUser(
	app: EngineApp,
	username: string,
	change: { email?: string; emailVerified?: boolean; roles?: string[] },
) {
	const { roles = [], emailVerified = false, ...identifiers } = change;
	const id = `u-${username}`;
	const now = app.clock.now();
	await app.store.write(async (tx) => {
		const name = `${username} Example`;
		const shared = { ...blankUser, ...identifiers, emailVerified, createdAt: now, updatedAt: now };
		await tx.users.create({
			...shared,
			id,
			username,
			usernameKey: username,
			name,
			nameKey: name,
			status: 'active',
		});
		for (const role of roles) await tx.roles.save({ id: role, name: role, permissions: [] }, now);
		if (roles.length > 0) await tx.roles.setOfUser(id, roles);
	});
	return id;
}

async function addClient(app: EngineApp, client: NewClient): Promise<void> {
	const { secret, ...rest } = client;
	const now = app.clock.now();
	const row: Client = {
		name: client.id,
		applicationType: 'web',
		firstParty: false,
		pkceRequired: true,
		redirectUris: ['https://rp.example/cb'],
		postLogoutRedirectUris: [],
		backchannelLogoutUri: null,
		idTokenAlg: 'RS256',
		website: '',
		createdAt: now,
		updatedAt: now,
		...rest,
		secret: secret === undefined ? null : app.vault.seal(secret, `client-secret:${client.id}`),
	};
	await app.store.write(async (tx) => {
		if (!(await tx.clients.update(row))) await tx.clients.create(row);
	});
}

export async function startAppliance(options: Options = {}): Promise<Appliance> {
	const dataDir = mkdtempSync(join(tmpdir(), 'menshen-conformance-'));
	const storage = await openStorage({ dataDir, databaseUrl: options.databaseUrl });
	const server = createServer();
	const address = new URL(`http://127.0.0.1:${await listen(server)}`);
	const origin = options.origin ?? address.origin;
	const apps = new Map<number, Promise<EngineApp>>();
	const queued: number[] = [];
	const guardedFetch = createGuardedFetch({ allow: ['127.0.0.1'] });
	const app = (id: number) => apps.get(id) ?? Promise.reject(new Refusal('app/not-found'));
	const engines = createEngines({
		origin,
		clock: systemClock,
		log,
		guardedFetch,
		app,
		onLogoutQueued: (id) => queued.push(id),
		...(options.keep === undefined ? {} : { keep: options.keep }),
	});
	const page = interactionPage({ origin, engines, app });
	server.on('request', (req, res) => {
		void engines.dispatch(req, res).then((taken) => (taken ? undefined : page(req, res)));
	});
	return {
		origin,
		address,
		engines,
		storage,
		app,
		queued,
		issuer: (id) => new URL(`${origin}/apps/${id}`),
		async addApp(id, settings = {}) {
			await storage.createApp(id);
			apps.set(id, openApp(storage, id, origin.startsWith('https:')));
			const made = await app(id);
			await made.store.write((tx) =>
				tx.settings.save('app', { name: `App ${id}`, ...settings }, made.clock.now()),
			);
			return made;
		},
		addClient: async (id, client) => addClient(await app(id), client),
		addUser: async (id, username, change = {}) => addUser(await app(id), username, change),
		async close() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			engines.close();
			await guardedFetch.close();
			await storage.close();
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
}
