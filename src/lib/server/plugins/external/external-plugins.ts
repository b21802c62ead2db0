/**
 * Plugins that operators dropped into PLUGINS_DIR: which there are, which an owner has let in, and the
 * processes that run those (docs/plugins.md).
 */
import { PluginFailure, type Manifest } from '../../../plugin-kit';
import type { Clock } from '../../runtime/clock';
import type { ControlStore } from '../../storage/control/repositories';
import type { PluginHealth } from '../health';
import { builtInIds, iconOf, type PluginEntry } from '../registry';
import { findApproval, type Approval } from './approvals';
import { createCatalog, type Found } from './catalog';
import { confinement } from './confinement';
import { forwardingPlugin } from './forward';
import { ProcessFailure } from './session';
import { Runner } from './runner';

/**
 * - `found`: waits for an owner
 * - `approved`: its code may run
 * - `changed`: its files are no longer those that were approved
 * - `broken`: no plugin; `problem` says why
 */
export type ExternalState = 'found' | 'approved' | 'changed' | 'broken';

/** What an owner decides upon. */
export interface ExternalPlugin {
	/** The folder's name, which is the id. */
	id: string;
	state: ExternalState;
	problem?: string;
	manifest?: Manifest;
	icon: string;
	/** SHA-256 of the folder; empty where it is broken. */
	digest: string;
	approval?: Approval;
	health: PluginHealth;
	/** Of its process, while there is one. */
	pid?: number;
}

export interface ExternalPlugins {
	/** Looks again, at most once a second unless told to. Files that are not the approved ones end their process. */
	refresh(now?: boolean): Promise<void>;
	/** As of the last look, broken ones left out. */
	entries(): ReadonlyMap<string, PluginEntry>;
	/** As of now, in order of id. */
	list(): Promise<readonly ExternalPlugin[]>;
	/** Whether the system keeps their processes off the network. */
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
	/** PLUGINS_DIR; need not exist. */
	folder: string;
	store: Pick<ControlStore, 'read'>;
	clock: Clock;
	/** Without a call for so long, a process is ended. */
	idleMs?: number;
}

const fiveMinutes = 300_000;
const second = 1000;

function stateOf(found: Found, approval: Approval | undefined): ExternalState {
	if (!found.folder) return 'broken';
	if (!approval) return 'found';
	return approval.digest === found.folder.digest ? 'approved' : 'changed';
}

/** Looks for them once before anybody asks. */
export async function openExternalPlugins(options: Options): Promise<ExternalPlugins> {
	const external = createExternalPlugins(options);
	await external.refresh();
	return external;
}

function createExternalPlugins(options: Options): ExternalPlugins {
	const { store, clock, idleMs = fiveMinutes } = options;
	const catalog = createCatalog(options.folder, builtInIds);
	const runners = new Map<string, { digest: string; runner: Runner }>();
	let plugins: readonly ExternalPlugin[] = [];
	let entries: ReadonlyMap<string, PluginEntry> = new Map();
	let looking: Promise<void> | undefined;
	let lookedAt = -Infinity;
	let closed = false;

	/** The approved code and nothing else, whatever lies there by now. */
	async function codeOf(id: string, digest: string): Promise<string> {
		const approval = await findApproval(store.read, id);
		const folder = await catalog.read(id).catch(() => undefined);
		if (closed || approval?.digest !== digest || folder?.digest !== digest)
			throw new ProcessFailure('its files are not the ones that an owner approved');
		return folder.code;
	}

	function runnerOf(manifest: Manifest, digest: string): Runner {
		const known = runners.get(manifest.id);
		if (known?.digest === digest) return known.runner;
		void known?.runner.stop('was replaced');
		const runner = new Runner({ manifest, code: () => codeOf(manifest.id, digest), clock, idleMs });
		runners.set(manifest.id, { digest, runner });
		return runner;
	}

	function entryOf({ manifest, icon, digest, state }: ExternalPlugin): PluginEntry | undefined {
		if (!manifest || state === 'broken') return undefined;
		return {
			manifest,
			icon,
			external: { state, digest },
			async load() {
				if (state !== 'approved') throw new PluginFailure('unavailable', 'it waits for an owner to allow it');
				return forwardingPlugin(manifest, runnerOf(manifest, digest));
			},
		};
	}

	async function view(found: Found): Promise<ExternalPlugin> {
		const approval = await findApproval(store.read, found.name);
		const runner = runners.get(found.name)?.runner;
		const pid = runner?.pid;
		return {
			id: found.name,
			state: stateOf(found, approval),
			icon: iconOf(found.folder?.icon),
			digest: found.folder?.digest ?? '',
			health: runner?.health ?? { state: 'unknown' },
			...(found.folder ? { manifest: found.folder.manifest } : { problem: found.problem }),
			...(approval ? { approval } : {}),
			...(pid ? { pid } : {}),
		};
	}

	async function look(): Promise<void> {
		plugins = await Promise.all((await catalog.scan()).map(view));
		const seen = plugins.flatMap((plugin) => entryOf(plugin) ?? []);
		entries = new Map(seen.map((entry) => [entry.manifest.id, entry]));
		for (const [id, { digest, runner }] of runners) {
			const entry = entries.get(id)?.external;
			if (entry?.state === 'approved' && entry.digest === digest) continue;
			runners.delete(id);
			void runner.stop('is no longer allowed');
		}
		lookedAt = performance.now();
		// Found out beside, so that the first call need not wait for it.
		if (entries.size > 0) void confinement();
	}

	async function refresh(now = false): Promise<void> {
		if (closed || (!now && performance.now() - lookedAt < second)) return;
		// A look that began before the change does not tell of it.
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
		async close() {
			closed = true;
			await Promise.all([...runners.values()].map(({ runner }) => runner.stop('the appliance stops')));
			runners.clear();
		},
	};
}
