/** For tests: a real host over real databases in a temporary folder, with plugins made up on the spot. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { definePlugin, type PluginParts } from '../../plugin-kit';
import { createVault, newDataKey, type Vault } from '../runtime/vault';
import type { AppStore } from '../storage/app/repositories';
import { openStorage, type Storage } from '../storage/open';
import type { AppPlugins, PluginHost, PluginScope } from './app-plugins';
import type { Lookup } from './egress/guard';
import type { ExternalPlugins } from './external/external-plugins';
import { createPluginHost, type PluginHostOptions } from './host';
import { builtIn, buildRegistry, type PluginFolders } from './registry';

type Parts = Omit<PluginParts<unknown>, 'manifest'>;

/** A complete manifest; `change` overrides parts of it. */
export function manifestOf(change: Record<string, unknown> = {}): Record<string, unknown> {
	const text = { en: 'Sample', 'zh-CN': '样例' };
	return {
		id: 'sample',
		version: '1.0.0',
		kit: 1,
		kinds: ['secret'],
		name: text,
		description: text,
		...change,
	};
}

/** The files of one plugin folder, as the bundler returns them. */
export function folderOf(
	manifest: Record<string, unknown>,
	parts: Parts | (() => Promise<unknown>),
): PluginFolders {
	const base = `/plugins/${String(manifest['id'])}`;
	const load =
		typeof parts === 'function' ? parts : async () => ({ default: definePlugin({ manifest, ...parts }) });
	return {
		manifests: { [`${base}/manifest.json`]: manifest },
		modules: { [`${base}/index.server.ts`]: load },
		icons: {},
	};
}

export interface HostUnderTest {
	host: PluginHost;
	app: AppPlugins;
	/** A second process on the same databases; of another build, where more plugins are given. */
	sibling(more?: PluginFolders[]): { host: PluginHost; app: AppPlugins };
	appScope: PluginScope;
	appStore: AppStore;
	storage: Storage;
	vault: Vault;
	/** Moves time on, in ms. */
	pass(ms: number): void;
	/** Everything that was logged. */
	logged(): string;
}

interface Options {
	folders?: PluginFolders[];
	config?: Partial<PluginHostOptions['config']>;
	lookup?: Lookup;
	/** Operators' own plugins. */
	external?(storage: Storage): Promise<ExternalPlugins>;
}

export async function hostUnderTest({
	folders = [],
	config = {},
	lookup,
	external: openExternal,
}: Options = {}): Promise<HostUnderTest> {
	const dataDir = mkdtempSync(join(tmpdir(), 'menshen-plugins-'));
	const storage = await openStorage({ dataDir });
	const appStore = await storage.createApp(4);
	const vault = createVault(newDataKey());
	const appliance = { store: storage.control, vault: createVault(newDataKey()) };
	const lines: string[] = [];
	let now = 1_800_000_000_000;
	const external = await openExternal?.(storage);
	const build = (more: PluginFolders[]) =>
		createPluginHost({
			config: {
				ORIGIN: 'http://localhost:3000',
				ALLOW_OUTBOX: undefined,
				EGRESS_ALLOW: undefined,
				ENDPOINTS: undefined,
				...config,
			},
			clock: { now: () => now },
			log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
			appliance,
			registry: buildRegistry(builtIn, ...folders, ...more),
			...(external ? { external } : {}),
			...(lookup ? { lookup } : {}),
		});
	const hosts: PluginHost[] = [];
	const open = (more: PluginFolders[] = []) => {
		const host = build(more);
		hosts.push(host);
		return { host, app: host.forApp({ store: appStore, vault }) };
	};
	onTestFinished(async () => {
		await Promise.all(hosts.map((each) => each.close()));
		await storage.close();
		rmSync(dataDir, { recursive: true, force: true });
	});
	return {
		...open(),
		sibling: open,
		appScope: { store: appStore, vault },
		appStore,
		storage,
		vault,
		pass: (ms) => void (now += ms),
		logged: () => lines.join(''),
	};
}

/** The refusal that a call ends with. */
export async function refusalOf(work: Promise<unknown>): Promise<unknown> {
	return work.then(
		() => 'no refusal',
		(error: unknown) => error,
	);
}
