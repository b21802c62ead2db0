/** A context like the host's for one plugin and its emulator, for what the contract suite does not ask. */
import { readConfig, type HttpReply, type Plugin, type PluginContext } from '@menshen/plugin-kit';
import type { Emulator } from '@menshen/plugin-kit/emulator';
import { requestLoopback } from '@menshen/plugin-kit/loopback';

export interface ContextOptions {
	/** Settings that differ from the emulator's; `undefined` takes one away. */
	config?: Readonly<Record<string, string | number | boolean | undefined>>;
	/** Milliseconds since 1970. */
	now?: () => number;
	/** Changes what a vendor answered before the plugin reads it. */
	tamper?: (reply: HttpReply) => HttpReply;
}

export interface TestContext<T> {
	context: PluginContext<T>;
	/** All that was logged. */
	logged: string[];
}

export function contextFor<T>(
	plugin: Plugin<T>,
	emulator: Emulator,
	options: ContextOptions = {},
): TestContext<T> {
	const logged: string[] = [];
	const line = (...parts: unknown[]) => void logged.push(JSON.stringify(parts));
	const given = Object.entries({ ...emulator.config, ...options.config });
	const set = Object.fromEntries(given.filter(([, value]) => value !== undefined));
	const { values } = readConfig(plugin.manifest.config, set);
	const baseOf = (name: string): string => {
		const base = emulator.endpoints[name];
		if (!base || !(name in plugin.manifest.endpoints)) throw new Error(`no endpoint ${name}`);
		return base;
	};
	const context: PluginContext<T> = {
		config: (plugin.config ? plugin.config.parse(values) : values) as T,
		http: async (name, request = {}) => {
			const reply = await requestLoopback(baseOf(name), request, new AbortController().signal);
			return options.tamper ? options.tamper(reply) : reply;
		},
		address: (name) => baseOf(name).replace(/\/+$/, ''),
		connect: () => Promise.reject(new Error('no TCP endpoint here')),
		now: options.now ?? (() => 1_800_000_000_000),
		locale: 'zh-CN',
		log: { info: line, warn: line, error: line },
		signal: new AbortController().signal,
	};
	return { context, logged };
}

/** A tamper that merges fields into whatever JSON the vendor answered. */
export const alter =
	(change: Readonly<Record<string, unknown>>) =>
	(reply: HttpReply): HttpReply => {
		const body = JSON.parse(new TextDecoder().decode(reply.body)) as Record<string, unknown>;
		return { ...reply, body: new TextEncoder().encode(JSON.stringify({ ...body, ...change })) };
	};
