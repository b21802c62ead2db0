/**
 * Plugins that operators put into PLUGINS_DIR: which exist, which an owner has approved, and the processes that run
 * those (docs/plugins.md).
 */
import { PluginFailure, type Locale, type Manifest } from '../../../plugin-kit';
import type { Clock } from '../../runtime/clock';
import type { ControlStore } from '../../storage/control/repositories';
import type { PluginHealth } from '../health';
import { builtInIds, iconOf, type PluginEntry } from '../registry';
import { findApproval, type Approval } from './approvals';
import { createCatalog, type Catalog, type Found } from './catalog';
import { confinement } from './confinement';
import { forwardingPlugin } from './forward';
import { ProcessFailure } from './session';
import { Runner } from './runner';

/**
 * - `found`: waits for an owner's approval
 * - `approved`: its code may run
 * - `changed`: its files are no longer those that were approved
 * - `broken`: not a plugin; `problem` says why
 */
export type ExternalState = 'found' | 'approved' | 'changed' | 'broken';

/** The facts for an owner's decision. */
export interface ExternalPlugin {
	/** The folder's name, which is the id. */
	id: string;
	state: ExternalState;
	problem?: string;
	manifest?: Manifest;
	icon: string;
	/** The README in Markdown, as its author wrote it. */
	readme: Readonly<Record<Locale, string>>;
	/** SHA-256 of the folder; empty where it is broken. */
	digest: string;
	approval?: Approval;
	health: PluginHealth;
	/** Health of its process, while there is one. */
	pid?: number;
}

export interface ExternalPlugins {
	/**
	 * Reads the folder again, at most once a second unless forced. Files that are not the approved ones end their
	 * process.
	 */
	refresh(now?: boolean): Promise<void>;
	/** The plugins as last read, without broken ones. */
	entries(): ReadonlyMap<string, PluginEntry>;
	/** The plugins as of now, in order of id. */
	list(): Promise<readonly ExternalPlugin[]>;
	/** Whether the system blocks their processes' network. */
	hasNoNetwork(): Promise<boolean>;
	close(): Promise<void>;
}

export const noExternalPlugins: ExternalPlugins = {
	refresh: () => Promise.resolve(),
	entries: () => new Map(),
	list: () => Promise.resolve([]),
	hasNoNetwork: () => Promise.resolve(false),
	close: () => Promise.resolve(),
};

interface Options {
	/** PLUGINS_DIR; it need not exist. */
	folder: string;
	store: Pick<ControlStore, 'read'>;
	clock: Clock;
	/** A process without a call for this long is ended. */
	idleMs?: number;
}

const fiveMinutes = 300_000;
const tenSeconds = 10_000;
const second = 1000;

function stateOf(found: Found, approval: Approval | undefined): ExternalState {
	if (!found.folder) return 'broken';
	if (!approval) return 'found';
	return approval.digest === found.folder.digest ? 'approved' : 'changed';
}

/** The processes of an approved plugin. */
interface Running {
	digest: string;
	/** Takes the calls of all apps. */
	runner: Runner;
	/** Validates settings that are not in force yet: if they make it hang, no sign-in has to wait. */
	judge: Runner;
}

/** The processes of the approved plugins. */
class Runners {
	readonly #options: Options;
	readonly #catalog: Catalog;
	readonly #running = new Map<string, Running>();
	#closed = false;

	constructor(options: Options, catalog: Catalog) {
		this.#options = options;
		this.#catalog = catalog;
	}

	find(id: string): Running | undefined {
		return this.#running.get(id);
	}

	of(manifest: Manifest, digest: string): Running {
		const { id } = manifest;
		const known = this.#running.get(id);
		if (known?.digest === digest) return known;
		if (known) void stop(known, 'was replaced');
		const { clock, idleMs = fiveMinutes } = this.#options;
		const about = { manifest, code: () => this.#codeOf(id, digest), clock };
		const running = {
			digest,
			runner: new Runner({ ...about, idleMs }),
			judge: new Runner({ ...about, idleMs: Math.min(idleMs, tenSeconds) }),
		};
		this.#running.set(id, running);
		return running;
	}

	/** Ends the processes whose files are no longer the approved ones. */
	keep(entries: ReadonlyMap<string, PluginEntry>): void {
		for (const [id, running] of this.#running) {
			const entry = entries.get(id)?.external;
			if (entry?.state === 'approved' && entry.digest === running.digest) continue;
			this.#running.delete(id);
			void stop(running, 'is no longer allowed');
		}
	}

	async close(): Promise<void> {
		this.#closed = true;
		await Promise.all([...this.#running.values()].map((each) => stop(each, 'the appliance stops')));
		this.#running.clear();
	}

	/** Returns the approved code only, whatever the folder contains by now. */
	async #codeOf(id: string, digest: string): Promise<string> {
		const approval = await findApproval(this.#options.store.read, id);
		const folder = await this.#catalog.read(id).catch(() => undefined);
		if (this.#closed || approval?.digest !== digest || folder?.digest !== digest)
			throw new ProcessFailure('its files are not the ones that an owner approved');
		return folder.code;
	}
}

async function stop({ runner, judge }: Running, why: string): Promise<void> {
	await Promise.all([runner.stop(why), judge.stop(why)]);
}

function entryOf(
	{ manifest, icon, readme, digest, state }: ExternalPlugin,
	runners: Runners,
): PluginEntry | undefined {
	if (!manifest || state === 'broken') return undefined;
	const forwarded = () => {
		if (state !== 'approved') throw new PluginFailure('unavailable', 'it waits for an owner to allow it');
		return forwardingPlugin(manifest, runners.of(manifest, digest));
	};
	return {
		manifest,
		icon,
		external: { state, digest },
		readme: (locale) => Promise.resolve(readme[locale] || readme.en),
		load: async () => forwarded(),
		judge: async (context) => forwarded().judge(context),
	};
}

const noReadme = { en: '', 'zh-CN': '' };

function aboutOf({ folder, problem }: Found) {
	if (!folder) return { problem, icon: iconOf(), readme: noReadme, digest: '' };
	const { manifest, icon, readme, digest } = folder;
	return { manifest, icon: iconOf(icon), readme, digest };
}

function viewOf(found: Found, approval: Approval | undefined, running: Running | undefined): ExternalPlugin {
	const state = stateOf(found, approval);
	const pid = state === 'approved' ? (running?.runner.pid ?? running?.judge.pid) : undefined;
	return {
		id: found.name,
		state,
		...aboutOf(found),
		health: running?.runner.health ?? { state: 'unknown' },
		...(approval ? { approval } : {}),
		...(pid ? { pid } : {}),
	};
}

/** Reads the folder once before the first request. */
export async function openExternalPlugins(options: Options): Promise<ExternalPlugins> {
	const external = createExternalPlugins(options);
	await external.refresh();
	return external;
}

function createExternalPlugins(options: Options): ExternalPlugins {
	const catalog = createCatalog(options.folder, builtInIds);
	const runners = new Runners(options, catalog);
	let plugins: readonly ExternalPlugin[] = [];
	let entries: ReadonlyMap<string, PluginEntry> = new Map();
	let looking: Promise<void> | undefined;
	let lookedAt = -Infinity;

	const view = async (found: Found): Promise<ExternalPlugin> =>
		viewOf(found, await findApproval(options.store.read, found.name), runners.find(found.name));

	async function look(): Promise<void> {
		plugins = await Promise.all((await catalog.scan()).map(view));
		const seen = plugins.flatMap((plugin) => entryOf(plugin, runners) ?? []);
		entries = new Map(seen.map((entry) => [entry.manifest.id, entry]));
		runners.keep(entries);
		lookedAt = performance.now();
		// Tested in the background, so that the first call need not wait for it.
		if (entries.size > 0) void confinement();
	}

	async function refresh(now = false): Promise<void> {
		if (!now && performance.now() - lookedAt < second) return;
		// A read that began before the change does not include it.
		if (now && looking) await looking.catch(() => undefined);
		looking ??= look().finally(() => (looking = undefined));
		await looking;
	}

	return {
		refresh,
		entries: () => entries,
		async list() {
			await refresh(true);
			return plugins;
		},
		hasNoNetwork: async () => (await confinement()).noNetwork,
		close: () => runners.close(),
	};
}
