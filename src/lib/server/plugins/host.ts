/**
 * The plugin host: lists plugins, keeps their settings, calls them within limits.
 * Its interface is in app-plugins.ts.
 */
import { Refusal } from '../../contract/errors';
import { StartRefused, type Config } from '../config/environment';
import type { Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import type { AppPlugins, PluginHost, PluginScope, PluginSummary } from './app-plugins';
import { parseAllowList, type AllowList } from './egress/allow-list';
import type { Lookup } from './egress/guard';
import { checkOverrides, reachesOf } from './endpoints';
import { noExternalPlugins, type ExternalPlugins } from './external/external-plugins';
import { formOf, isConfigured, summaryOf } from './form';
import { byPlace } from './place';
import { createInvokers, type Invoke } from './invokers';
import { createOutgoing } from './outgoing';
import {
	createPreparer,
	isForbidden,
	requireUsable,
	runPlugin,
	type HostParts,
	type Prepared,
	type ScopeSettings,
} from './prepare';
import { builtIn, buildRegistry, withExternal, type PluginRegistry } from './registry';
import { createArrange, createPlanner, createSave } from './save';
import { createSelfTest } from './self-test';
import { createSettings } from './settings';

export type * from './app-plugins';

export interface PluginHostOptions {
	config: Pick<Config, 'ORIGIN' | 'ALLOW_OUTBOX' | 'EGRESS_ALLOW' | 'ENDPOINTS'>;
	clock: Clock;
	log: Log;
	/** The control database and its vault. */
	appliance: PluginScope;
	/** Default: the built-in plugins. */
	registry?: PluginRegistry;
	/** Operators' own plugins; their folder has been read once. Default: none. */
	external?: ExternalPlugins;
	/** How names are resolved; substituted in tests. */
	lookup?: Lookup;
}

function pluginsOf(parts: HostParts, settings: ScopeSettings): AppPlugins {
	const preparer = createPreparer(parts, settings);
	const invoke: Invoke = async ({ id, kind, locale, part }) => {
		await parts.registry.refresh();
		const prepared = await preparer.one(preparer.entry(id, kind), locale);
		requireUsable(parts, prepared);
		return runPlugin(parts, prepared, part);
	};
	const summaries = (all: readonly Prepared[]): PluginSummary[] =>
		all
			.map((view) =>
				summaryOf(view, { health: view.breaker.health(), forbidden: isForbidden(parts, view.entry) }),
			)
			.sort(byPlace);
	return {
		ofAppliance: settings.inherited === undefined,
		list: async (locale = 'en') => summaries(await preparer.all(locale)),
		async listForOperators(locale = 'en') {
			const all = await preparer.all(locale);
			const judged = await Promise.all(all.map((view) => preparer.judged(view)));
			// Operators see the plugin's own name, whatever name they gave it for users.
			return summaries(judged).map((each) => ({ ...each, name: each.manifest.name[locale] }));
		},
		async isEnabled(id) {
			await parts.registry.refresh();
			if (!parts.registry.find(id)) return false;
			return (await preparer.one(preparer.entry(id), 'en')).effective.enabled;
		},
		manifestOf: (id) => preparer.entry(id).manifest,
		async formOf(id, locale = 'en') {
			await parts.registry.refresh();
			const view = await preparer.one(preparer.entry(id), locale);
			return formOf(view, reachesOf(view.source));
		},
		guideOf: async (id, locale = 'en') => (await preparer.entry(id).readme?.(locale)) ?? '',
		save: createSave(parts, settings, preparer),
		arrange: createArrange(parts, settings, preparer),
		selfTest: createSelfTest(parts, preparer),
		async requireSender(id, channel) {
			await parts.registry.refresh();
			const prepared = await preparer.one(preparer.entry(id, 'sender'), 'en');
			if (!prepared.entry.manifest.channels.includes(channel))
				throw new Refusal('plugin/not-found', { detail: `${id} does not deliver ${channel}` });
			if (!isConfigured(prepared.effective))
				throw new Refusal('sender/not-configured', { params: { channel }, detail: id });
			requireUsable(parts, prepared);
		},
		...createInvokers(invoke),
	};
}

function allowListOf(config: PluginHostOptions['config']): AllowList {
	try {
		return parseAllowList(config.EGRESS_ALLOW ?? []);
	} catch (error) {
		throw new StartRefused(error instanceof Error ? error.message : 'EGRESS_ALLOW is not valid.');
	}
}

/** @throws {StartRefused} when a manifest is bad, an id is used twice, or EGRESS_ALLOW or ENDPOINTS is invalid. */
export function createPluginHost(options: PluginHostOptions): PluginHost {
	const { config, clock, log, lookup } = options;
	const { external = noExternalPlugins } = options;
	const registry = withExternal(options.registry ?? buildRegistry(builtIn), external);
	const overrides = config.ENDPOINTS ?? {};
	checkOverrides(overrides, registry);
	const outgoing = createOutgoing({ allow: allowListOf(config), ...(lookup ? { lookup } : {}) });
	const trialAllowed = config.ALLOW_OUTBOX === true || config.ORIGIN.startsWith('http:');
	const parts: HostParts = { registry, outgoing, overrides, clock, log, trialAllowed };
	const inherited = createSettings(options.appliance);
	// Breakers and unsealed settings are kept as long as the app's store is open.
	const apps = new WeakMap<PluginScope['store'], AppPlugins>();
	return {
		appliance: pluginsOf(parts, {
			own: inherited,
			inherited: undefined,
			onHealth: options.appliance.onHealth,
		}),
		forApp(scope) {
			const known =
				apps.get(scope.store) ??
				pluginsOf(parts, { own: createSettings(scope), inherited, onHealth: scope.onHealth });
			apps.set(scope.store, known);
			return known;
		},
		external,
		plan: createPlanner(parts, inherited, createPreparer(parts, { own: inherited, inherited: undefined })),
		manifests: () => [...registry.entries.values()].map(({ manifest }) => manifest),
		async close() {
			await external.close();
			await outgoing.close();
		},
	};
}
