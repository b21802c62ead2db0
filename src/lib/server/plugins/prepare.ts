/** Collects everything one call of a plugin needs: its entry, the settings in force, its breaker. */
import { Refusal } from '../../contract/errors';
import type { Kind, Locale, Manifest, PluginContext } from '../../plugin-kit';
import type { Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import { callPlugin, type Part } from './call';
import { createBreaker, type Breaker } from './circuit-breaker';
import { effectiveOf, type Effective, type Layers } from './effective';
import { browserAddressOf, type EndpointSource, type Overrides } from './endpoints';
import { isConfigured, type View } from './form';
import type { HealthListener } from './health';
import type { Outgoing } from './outgoing';
import { settingsNameOf, type PluginEntry, type PluginRegistry } from './registry';
import { createScrubber, type Scrubber } from './scrub';
import { emptyLayer, type Settings } from './settings';
import { createWholeJudge } from './whole';

/** Objects that all scopes of one host share. */
export interface HostParts {
	registry: PluginRegistry;
	outgoing: Outgoing;
	overrides: Overrides;
	clock: Clock;
	log: Log;
	/** Whether trial senders (outbox) may be chosen. */
	trialAllowed: boolean;
}

/** The settings of a scope and, for an app, those of the appliance. */
export interface ScopeSettings {
	own: Settings;
	inherited: Settings | undefined;
	onHealth?: HealthListener | undefined;
}

export interface Prepared extends View {
	source: EndpointSource;
	breaker: Breaker;
}

export interface Preparer {
	/** @throws {Refusal} `plugin/not-found` for an unknown plugin, or one of another kind. */
	entry(id: string, kind?: Kind): PluginEntry;
	layers(entry: PluginEntry): Promise<Layers>;
	/** The plugin as it would be with these settings. */
	proposed(entry: PluginEntry, layers: Layers, locale: Locale): Prepared;
	one(entry: PluginEntry, locale: Locale): Promise<Prepared>;
	/** Plugins that are off are checked by their manifests alone, so that their code is not loaded. */
	all(locale: Locale): Promise<Prepared[]>;
	/** Adds the faults that the plugin's own code finds in its settings. */
	judged(prepared: Prepared): Promise<Prepared>;
}

/** A vendor that failed five times in a row is not called for half a minute. */
const failuresInARow = 5;
const pauseMs = 30_000;

/**
 * Where users name the server, the failures of one show nothing about the others: one user's dead server must not
 * block all others.
 */
const hasOneVendor = ({ endpoints }: Manifest): boolean =>
	Object.values(endpoints).some((each) => typeof each === 'string' || !('anyPublic' in each));

const versionOf = ({ external }: Pick<PluginEntry, 'external'>, { version }: Effective): string =>
	`${version}|${external?.digest ?? ''}`;

/** Code that no owner approved is off, whatever an app switched on. */
const allowed = ({ external }: PluginEntry, effective: Effective): Effective =>
	external && external.state !== 'approved' ? { ...effective, enabled: false } : effective;

/** New settings or new code get a new breaker: each version of them has its own. */
function createBreakers(parts: HostParts, onHealth: HealthListener | undefined) {
	const breakers = new Map<string, { version: string; breaker: Breaker }>();
	return ({ manifest, external }: PluginEntry, effective: Effective): Breaker => {
		const version = versionOf({ external }, effective);
		const known = breakers.get(manifest.id);
		if (known?.version === version) return known.breaker;
		const callsOut = Object.keys(manifest.endpoints).length > 0;
		const breaker = createBreaker({
			clock: parts.clock,
			failures: external || hasOneVendor(manifest) ? failuresInARow : 0,
			pauseMs,
			concurrency: external || callsOut ? manifest.limits.concurrency : Infinity,
			onNews: (news) => onHealth?.(manifest.id, news),
		});
		breakers.set(manifest.id, { version, breaker });
		return breaker;
	};
}

export function createPreparer(parts: HostParts, settings: ScopeSettings): Preparer {
	const breakerOf = createBreakers(parts, settings.onHealth);
	const judgeWhole = createWholeJudge();

	function prepare(entry: PluginEntry, layers: Layers, locale: Locale): Prepared {
		const { manifest } = entry;
		const effective = allowed(entry, effectiveOf(manifest, layers));
		const source = {
			manifest,
			overrides: parts.overrides,
			values: effective.values,
			trusted: effective.trusted,
		};
		return { entry, layers, effective, locale, source, breaker: breakerOf(entry, effective) };
	}

	async function judged(prepared: Prepared): Promise<Prepared> {
		const { entry, effective } = prepared;
		if (!isConfigured(effective)) return prepared;
		const problems = await judgeWhole(entry, {
			version: versionOf(entry, effective),
			values: effective.values,
		});
		return Object.keys(problems).length > 0
			? { ...prepared, effective: { ...effective, problems } }
			: prepared;
	}

	const judgedIfOn = (prepared: Prepared): Promise<Prepared> =>
		prepared.effective.enabled ? judged(prepared) : Promise.resolve(prepared);

	async function readLayers(): Promise<(entry: PluginEntry) => Layers> {
		const [own, appliance] = await Promise.all([settings.own.read(), settings.inherited?.read()]);
		return (entry) => {
			const name = settingsNameOf(entry.manifest);
			return {
				own: own.get(name) ?? emptyLayer,
				appliance: appliance && (appliance.get(name) ?? emptyLayer),
			};
		};
	}

	return {
		entry(id, kind) {
			const entry = parts.registry.find(id);
			if (!entry || (kind && !entry.manifest.kinds.includes(kind)))
				throw new Refusal('plugin/not-found', { detail: id });
			return entry;
		},
		layers: async (entry) => (await readLayers())(entry),
		proposed: prepare,
		one: async (entry, locale) => judgedIfOn(prepare(entry, (await readLayers())(entry), locale)),
		async all(locale) {
			await parts.registry.refresh();
			const layers = await readLayers();
			const entries = [...parts.registry.entries.values()];
			return Promise.all(entries.map((entry) => judgedIfOn(prepare(entry, layers(entry), locale))));
		},
		judged,
	};
}

/** A trial sender (outbox) under an https ORIGIN. */
export function isForbidden(parts: HostParts, { manifest }: PluginEntry): boolean {
	return manifest.trial && !parts.trialAllowed;
}

/** @throws {Refusal} saying why the plugin may not be used now. */
export function requireUsable(parts: HostParts, { entry, effective }: Prepared): void {
	const { id } = entry.manifest;
	if (isForbidden(parts, entry)) throw new Refusal('plugin/outbox-not-allowed', { detail: id });
	if (!effective.enabled) throw new Refusal('plugin/not-enabled', { detail: id });
	const faults = effective.damaged
		? 'the settings cannot be unsealed'
		: Object.keys(effective.problems).join(', ');
	if (!isConfigured(effective)) throw new Refusal('plugin/config-invalid', { detail: `${id}: ${faults}` });
}

function contextOf(
	parts: HostParts,
	prepared: Prepared,
	scrubber: Scrubber,
): Omit<PluginContext<unknown>, 'config' | 'http' | 'address' | 'connect' | 'signal'> {
	const plugin = prepared.entry.manifest.id;
	const line =
		(level: 'info' | 'warn' | 'error') =>
		(message: string, fields: Readonly<Record<string, unknown>> = {}) =>
			parts.log[level]({ plugin, ...scrubber.fields(fields) }, scrubber.text(message));
	return {
		now: () => parts.clock.now(),
		locale: prepared.locale,
		log: { info: line('info'), warn: line('warn'), error: line('error') },
	};
}

/** @throws {CallFailed} */
export function runPlugin<T>(parts: HostParts, prepared: Prepared, part: Part<T>): Promise<T> {
	const { entry, effective, breaker, source } = prepared;
	const scrubber = createScrubber(entry.manifest, effective.values);
	let hasAsked = Object.keys(entry.manifest.endpoints).length === 0;
	const asking =
		<Args extends unknown[], Answer>(ask: (...args: Args) => Answer) =>
		(...args: Args): Answer => {
			hasAsked = true;
			return ask(...args);
		};
	return callPlugin({
		...part,
		timeoutMs: entry.manifest.limits.timeoutMs,
		breaker,
		scrubber,
		load: () => entry.load(),
		context: (plugin, signal) => ({
			...contextOf(parts, prepared, scrubber),
			config: plugin.config ? plugin.config.parse(effective.values) : effective.values,
			http: asking(parts.outgoing.http(source, signal)),
			address: (name) => browserAddressOf(name, source),
			connect: asking(parts.outgoing.connect(source, signal)),
			signal,
		}),
		hasAsked: () => hasAsked,
	});
}
