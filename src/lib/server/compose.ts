/**
 * The composition root: configuration in, services out, once per process. The only file that imports every part of
 * the server and connects them.
 */
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Refusal } from '../contract/errors';
import { listenOnSocket, type SocketServer } from './cli/socket';
import { readConfig, settingsWithoutEffect, StartRefused, type Config } from './config/environment';
import { loadMasterKey } from './config/master-key';
import { clientAddress, headersOf, parseRanges, type AddressRange } from './edge/address';
import { createPostedCallback } from './edge/posted-callback';
import { createAlerts, type Alerts } from './flows/alerts/alerts';
import { createDiskWatch, type DiskWatch } from './flows/alerts/disk-watch';
import { applyAtStart } from './flows/apply/apply-at-start';
import { finishCreating } from './flows/apps/manage-apps';
import { settingsReader } from './flows/apps/read-settings';
import { takeOnce } from './flows/external/take-once';
import { applianceSender } from './flows/messages/choose-sender';
import { deliverMessages } from './flows/messages/deliver-messages';
import type { ApplianceServices, AppServices, SettingsSource } from './flows/services';
import { claimFromEnvironment } from './flows/setup/claim-appliance';
import { greet } from './flows/setup/greet';
import { createDelivery, type Delivery } from './jobs/delivery';
import type { Schedule } from './jobs/schedule';
import { ofAppliance, startJobs } from './jobs/start-jobs';
import { createLimiter } from './limits/limiter';
import { createEngines, type Engines } from './oidc/engines';
import type { Interactions } from './oidc/interactions/interactions';
import { createGuardedFetch } from './plugins/egress/guarded-fetch';
import { openExternalPlugins } from './plugins/external/external-plugins';
import { createPluginHost, type HealthListener } from './plugins/host';
import { day, systemClock, type Clock } from './runtime/clock';
import { createLog, type Log } from './runtime/log';
import { Shelf } from './runtime/shelf';
import { createSessions } from './sessions/sessions';
import { lockFolder } from './storage/engine/lock';
import { createDataVault } from './storage/data-vault';
import { openStorage } from './storage/open';
import { createCall, type Call } from './trpc/call';
import { createTrpcDispatch } from './trpc/dispatch';

/** The interface for server.js, the hooks and the command line. */
export interface Appliance {
	readonly config: Config;
	readonly services: ApplianceServices;
	readonly interactions: Interactions;
	/** Proxies that are trusted for the client's address. */
	readonly trusted: readonly AddressRange[];
	/** Serves requests that are not for SvelteKit. @returns whether the request was taken */
	dispatch(req: IncomingMessage, res: ServerResponse): Promise<boolean>;
	/** Any tRPC procedure, as the owner. */
	readonly call: Call;
	/** Called when the server listens: prints the set-up link, starts the jobs. */
	started(address: string): Promise<void>;
	/** Finishes what is under way and closes every file. */
	close(): Promise<void>;
}

interface ComposeOptions {
	env?: Readonly<Record<string, string | undefined>>;
	clock?: Clock;
	log?: Log;
}

const operatorSessions = { idle: day, max: 7 * day };

/** @throws StartRefused with one line for the operator */
export async function compose(options: ComposeOptions = {}): Promise<Appliance> {
	const env = options.env ?? process.env;
	const config = readConfig(env, Boolean(process.stdout.isTTY));
	const log = options.log ?? createLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
	for (const name of settingsWithoutEffect(env))
		log.warn({ name }, 'this setting has no effect in this version (docs/config.md)');
	const clock = options.clock ?? systemClock;
	const release = holdFolder(config);
	const trusted = parseRanges(config.TRUSTED_PROXIES ?? []);
	const core = await openCore(config, { clock, log, trusted });
	const services = core.services;
	const api = createTrpcDispatch({
		config,
		services,
		findAccessToken: (app, token) => core.engines.findAccessToken(app, token),
	});
	const posted = createPostedCallback({ services, trusted });
	const call = createCall(services);
	let schedule: Schedule | undefined;
	let socket: SocketServer | undefined;
	if (config.OPERATOR_EMAIL && config.OPERATOR_PASSWORD)
		await claimFromEnvironment(services, {
			email: config.OPERATOR_EMAIL,
			password: config.OPERATOR_PASSWORD,
		});
	if (config.MENSHEN_APPLY) await applyAtStart(services, config.MENSHEN_APPLY);
	return {
		config,
		services,
		interactions: core.engines.interactions,
		trusted,
		dispatch: async (req, res) =>
			(await core.engines.dispatch(req, res)) || (await posted(req, res)) || api(req, res),
		call,
		async started(address) {
			socket = await listenOnSocket({ path: join(config.DATA_DIR, 'menshen.sock'), call });
			schedule = startJobs(core);
			await greet(services, { address, database: config.DATABASE_URL ? 'postgres' : 'sqlite' });
		},
		async close() {
			await schedule?.stop();
			await socket?.close();
			await core.close();
			release();
		},
	};
}

/** One process per folder. With PostgreSQL several may share the database; each still has its own folder. */
function holdFolder(config: Config): () => void {
	mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o700 });
	const lock = lockFolder(config.DATA_DIR);
	if (!lock)
		throw new StartRefused(
			`${config.DATA_DIR} is in use by another Menshen process: stop it first, or set DATA_DIR.`,
		);
	return () => lock.release();
}

interface Core {
	config: Config;
	services: ApplianceServices;
	engines: Engines;
	delivery: Delivery;
	diskWatch: DiskWatch;
	close(): Promise<void>;
}

interface Ambient {
	clock: Clock;
	log: Log;
	trusted: readonly AddressRange[];
}

/** Receives the troubles of storage and the plugin host, which are made before the alerts that listen. */
interface Listeners {
	onFull?: () => void;
	onHealth?: HealthListener;
}

async function openGround(
	config: Config,
	{ clock, log }: Pick<Ambient, 'clock' | 'log'>,
	listeners: Listeners,
): Promise<Pick<ApplianceServices, 'storage' | 'control' | 'masterKey' | 'vault' | 'plugins'>> {
	const storage = await openStorage({
		dataDir: config.DATA_DIR,
		databaseUrl: config.DATABASE_URL,
		onFull: () => listeners.onFull?.(),
	});
	const { control } = storage;
	const masterKey = await loadMasterKey({ config, control, clock });
	const vault = await createDataVault(control, masterKey, clock);
	const external = await openExternalPlugins({ folder: config.PLUGINS_DIR, store: control, clock });
	const onHealth: HealthListener = (plugin, news) => listeners.onHealth?.(plugin, news);
	const appliance = { store: control, vault, onHealth };
	const plugins = createPluginHost({ config, clock, log, appliance, external });
	return { storage, control, masterKey, vault, plugins };
}

async function openCore(config: Config, { clock, log, trusted }: Ambient): Promise<Core> {
	const listeners: Listeners = {};
	const ground = await openGround(config, { clock, log }, listeners);
	const { storage, control, plugins } = ground;
	const guardedFetch = createGuardedFetch({ allow: config.EGRESS_ALLOW ?? [] });
	const secure = config.ORIGIN.startsWith('https:');
	const services: ApplianceServices = {
		...ground,
		origin: config.ORIGIN,
		sessions: createSessions({
			store: control,
			name: 'menshen-operator',
			secure,
			limits: () => operatorSessions,
			clock,
		}),
		limiter: createLimiter(control, clock),
		alertEmail: config.ALERT_EMAIL,
		signingKeys: { list: (id) => engines.keys(id), rotate: (...order) => engines.rotateKeys(...order) },
		app: (id) => apps.get(id),
		forgetApp: (id) => {
			apps.forget(id);
			engines.forget(id);
		},
		clock,
		log,
	};
	const delivery = createDelivery({ log, deliver: (id) => deliverFor(id, { services, engines }) });
	const alerts = createAlerts({ ...services, wakeDelivery: () => delivery.wake(ofAppliance) });
	const diskWatch = createDiskWatch({ ...services, alerts });
	listeners.onFull = () => diskWatch.refused();
	listeners.onHealth = alerts.healthListener();
	const addressOf = (req: IncomingMessage) =>
		clientAddress(req.socket.remoteAddress ?? '', headersOf(req), trusted);
	const wake = (id: number) => delivery.wake(id);
	const app = (id: number) => apps.get(id);
	const engines = createEngines({
		origin: config.ORIGIN,
		clock,
		log,
		guardedFetch,
		app,
		addressOf,
		onLogoutQueued: wake,
	});
	const apps = new Shelf(200, (id: number) => openApp(id, { services, engines, alerts, wake }));
	const close = async () => {
		await alerts.idle();
		await delivery.idle();
		await alerts.idle();
		engines.close();
		await plugins.close();
		await guardedFetch.close();
		await storage.close();
	};
	return { config, services, engines, delivery, diskWatch, close };
}

/** @returns whether something is still queued for the app */
async function deliverFor(
	id: number,
	{ services, engines }: Pick<Core, 'services' | 'engines'>,
): Promise<boolean> {
	if (id === ofAppliance) return deliverMessages(asSender(services));
	const app = await services.app(id);
	const [messages, notices] = await Promise.all([deliverMessages(app), engines.deliverLogouts(id)]);
	const waiting = await app.store.read.logoutDeliveries.listDue(services.clock.now() + day, 1);
	return messages || notices > 0 || waiting.length > 0;
}

/** What it cannot deliver brings no alert by mail, only a log entry. */
const asSender = (services: ApplianceServices) => ({
	...services,
	store: services.control,
	plugins: services.plugins.appliance,
	alert: () => undefined,
});

async function openApp(
	id: number,
	core: { services: ApplianceServices; engines: Engines; alerts: Alerts; wake: (id: number) => void },
): Promise<AppServices> {
	const { services, engines, alerts } = core;
	const { control, storage, clock, log, origin } = services;
	if (!(await control.read.apps.find(id))) throw new Refusal('app/not-found');
	await finishCreating(services, id);
	const store = await storage.app(id).catch((error: unknown) => {
		const isGone = error instanceof Refusal && error.code === 'app/not-found';
		throw isGone ? new Refusal('app/damaged', { detail: 'its database is gone', cause: error }) : error;
	});
	const vault = await createDataVault(store, services.masterKey, clock);
	const read = settingsReader(store);
	let settings = await read();
	const readSettings = async (tx?: SettingsSource) => (tx ? read(tx) : (settings = await read()));
	const limits = () => ({ idle: settings.sessionIdleDays * day, max: settings.sessionMaxDays * day });
	return {
		id,
		origin,
		settings: readSettings,
		store,
		vault,
		sessions: createSessions({
			store,
			name: `menshen-${id}`,
			secure: origin.startsWith('https:'),
			limits,
			clock,
		}),
		limiter: createLimiter(store, clock),
		plugins: services.plugins.forApp({ store, vault, onHealth: alerts.healthListener(id) }),
		engine: engines.link,
		applianceSender: (channel) => applianceSender(services, channel),
		takeOnAppliance: (once) => takeOnce(control, once),
		alert: (alert) => alerts.tell({ ...alert, app: id }),
		wakeDelivery: () => core.wake(id),
		wakeLogout: () => core.wake(id),
		clock,
		log,
	};
}
