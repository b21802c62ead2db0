/** A context like the host's around an emulator, for cases that the contract suite does not cover. */
import { readConfig } from './config';
import type { ConfigValues, PluginContext } from './context';
import type { Plugin } from './define-plugin';
import type { Emulator } from './emulator';
import { PluginFailure } from './failures';
import { requestLoopback } from './loopback';
import type { Locale } from './manifest';

interface Stage {
	/** Absent: a plugin that makes no calls. */
	emulator?: Pick<Emulator, 'endpoints' | 'config'>;
	/** Settings in place of the emulator's. */
	config?: ConfigValues;
	now?: number;
	locale?: Locale;
	signal?: AbortSignal;
}

export interface ContextUnderTest extends PluginContext {
	/** All that was logged. */
	lines: string[];
}

export function contextFor(plugin: Pick<Plugin, 'manifest'>, stage: Stage = {}): ContextUnderTest {
	const { emulator, now = Date.UTC(2026, 0, 1), signal = new AbortController().signal } = stage;
	const lines: string[] = [];
	const line = (message: string, fields?: unknown) =>
		void lines.push(`${message} ${JSON.stringify(fields) ?? ''}`);
	const baseOf = (name: string): string => {
		const base = emulator?.endpoints[name];
		if (!base) throw new PluginFailure('config', `no emulator for ${name}`);
		return base;
	};
	return {
		config: readConfig(plugin.manifest.config, { ...emulator?.config, ...stage.config }).values,
		http: async (name, request = {}) => requestLoopback(baseOf(name), request, signal),
		address: (name) => baseOf(name).replace(/\/+$/, ''),
		connect: () => Promise.reject(new Error('nothing here speaks TCP')),
		now: () => now,
		locale: stage.locale ?? 'en',
		log: { info: line, warn: line, error: line },
		signal,
		lines,
	};
}

/** The error of a call; undefined where it succeeded. */
export function thrownBy(work: () => unknown): Promise<PluginFailure | undefined> {
	return Promise.resolve()
		.then(work)
		.then(
			() => undefined,
			(error: unknown) => error as PluginFailure,
		);
}
