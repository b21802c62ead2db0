/** For tests: a real host over a folder of operators' plugins, written on the spot, run in real processes. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Storage } from '../../storage/open';
import type { PluginHostOptions } from '../host';
import { hostUnderTest, manifestOf, type HostUnderTest } from '../host-under-test';
import { removeApproval, saveApproval } from './approvals';
import { openExternalPlugins, type ExternalPlugin, type ExternalPlugins } from './external-plugins';

/** What the kit's `definePlugin` would leave in a bundle. */
const kit = `
class PluginFailure extends Error {
	constructor(reason, detail, options) { super(detail, options); this.name = 'PluginFailure'; this.reason = reason; this.counts = true; }
}
const define = (parts) => ({ ...parts, [Symbol.for('menshen.kit')]: { PluginFailure } });
`;

export interface Written {
	manifest?: Record<string, unknown>;
	/** The object passed to `define`, as source text; `manifest` is in scope. */
	parts?: string;
	/** Code before it, at the top level of the module. */
	top?: string;
	files?: Readonly<Record<string, string>>;
}

/** Writes a folder as a plugin author's build would. @returns its path */
export function writePlugin(parent: string, { manifest = {}, parts, top = '', files = {} }: Written): string {
	const whole = manifestOf({ kinds: ['ticket'], limits: { timeoutMs: 2500 }, ...manifest });
	const folder = join(parent, String(whole['id']));
	mkdirSync(folder, { recursive: true });
	const body = parts ?? `{ manifest, ticket: { redeem: ({ ticket }) => ({ subject: ticket, scope: 's' }) } }`;
	const all = {
		'manifest.json': JSON.stringify(whole),
		'index.server.js': `${kit}\nconst manifest = ${JSON.stringify(whole)};\n${top}\nexport default define(${body});\n`,
		'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
		...files,
	};
	for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
	return folder;
}

export interface ExternalUnderTest extends HostUnderTest {
	folder: string;
	external: ExternalPlugins;
	write(plugin: Written): string;
	/** As after a restart. */
	reopen(): Promise<ExternalPlugins>;
	/** The list's entry of a plugin. */
	find(id?: string): Promise<ExternalPlugin | undefined>;
	/** Approves it as an owner who has seen the present files. */
	approve(id?: string): Promise<void>;
	revoke(id?: string): Promise<void>;
	/** Writes it, approves it, switches it on in the app. */
	install(plugin: Written): Promise<void>;
}

export async function externalUnderTest(
	options: { config?: Partial<PluginHostOptions['config']>; idleMs?: number } = {},
): Promise<ExternalUnderTest> {
	const folder = mkdtempSync(join(tmpdir(), 'menshen-external-'));
	const { idleMs, config = {} } = options;
	let external: ExternalPlugins | undefined;
	const clock = { now: () => 1 };
	const open = (store: Storage['control']) =>
		openExternalPlugins({ folder, store, clock, ...(idleMs === undefined ? {} : { idleMs }) });
	const under = await hostUnderTest({
		config,
		external: async ({ control }) => (external = await open(control)),
	});
	onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
	if (!external) throw new Error('not opened');
	const list = external.list;
	const find = async (id = 'sample') => (await list()).find((plugin) => plugin.id === id);
	const approve = async (id = 'sample') => {
		const digest = (await find(id))?.digest ?? '';
		await under.storage.control.write((tx) => saveApproval(tx, id, { digest, at: 1, by: 'operator:1' }));
		await list();
	};
	const write = (plugin: Written) => writePlugin(folder, plugin);
	return {
		...under,
		folder,
		external,
		write,
		reopen: () => open(under.storage.control),
		find,
		approve,
		async revoke(id = 'sample') {
			await under.storage.control.write((tx) => removeApproval(tx, id));
			await list();
		},
		async install(plugin) {
			write(plugin);
			const { id = 'sample' } = (plugin.manifest ?? {}) as { id?: string };
			await approve(id);
			await under.app.save(id, { enabled: true });
		},
	};
}
