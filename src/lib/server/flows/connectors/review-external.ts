/** Operators' own plugins: what lies in PLUGINS_DIR, and an owner's decision whether its code may run. */
import { Refusal } from '../../../contract/errors';
import type { Locale, Manifest } from '../../../plugin-kit';
import { removeApproval, saveApproval } from '../../plugins/external/approvals';
import type { ExternalPlugin, ExternalState } from '../../plugins/external/external-plugins';
import type { PluginHealth } from '../../plugins/host';
import { recordEvent } from '../audit/record-event';
import { requireOwner } from '../operators/operators';
import type { Actor, ApplianceServices, Visitor } from '../services';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'clock'>;

/** An address that a plugin may call. */
export interface Reach {
	/** A host; for an address from the settings, the label of its field; empty for any public address. */
	text: string;
	kind: 'host' | 'setting' | 'any';
}

export interface ExternalView {
	id: string;
	state: ExternalState;
	/** What is wrong with a broken plugin, in one line for operators. */
	problem?: string;
	name: string;
	description: string;
	version: string;
	kinds: readonly Manifest['kinds'][number][];
	icon: string;
	reaches: readonly Reach[];
	/** SHA-256 over its files, in hex. */
	digest: string;
	/** In ms; absent if never. */
	approvedAt?: number;
	health: PluginHealth;
	/** The plugin has a process now. */
	running: boolean;
}

export interface ExternalList {
	plugins: readonly ExternalView[];
	/** The operating system keeps the plugins' processes off the network. */
	noNetwork: boolean;
}

function reachesOf({ endpoints, config }: Manifest, locale: Locale): Reach[] {
	return Object.values(endpoints).map((declared): Reach => {
		if (typeof declared === 'string') return { kind: 'host', text: new URL(declared).host };
		if (!('fromConfig' in declared)) return { kind: 'any', text: '' };
		const field = config.find(({ key }) => key === declared.fromConfig);
		return { kind: 'setting', text: field?.label[locale] ?? declared.fromConfig };
	});
}

/** What the manifest says; of a broken folder there is only its name. */
const aboutOf = (id: string, manifest: Manifest | undefined, locale: Locale) => ({
	name: manifest?.name[locale] ?? id,
	description: manifest?.description[locale] ?? '',
	version: manifest?.version ?? '',
	kinds: manifest?.kinds ?? [],
	reaches: manifest ? reachesOf(manifest, locale) : [],
});

function viewOf(plugin: ExternalPlugin, locale: Locale): ExternalView {
	const { id, state, problem, manifest, icon, digest, approval, health, pid } = plugin;
	return {
		id,
		state,
		...(problem === undefined ? {} : { problem }),
		...aboutOf(id, manifest, locale),
		icon,
		digest,
		...(approval ? { approvedAt: approval.at } : {}),
		health,
		running: pid !== undefined,
	};
}

export async function listExternalPlugins(
	services: Pick<Needs, 'plugins'>,
	locale: Locale,
): Promise<ExternalList> {
	const { external } = services.plugins;
	const plugins = (await external.list()).map((plugin) => viewOf(plugin, locale));
	return { plugins, noNetwork: plugins.length > 0 && (await external.hasNoNetwork()) };
}

async function findExternal({ plugins }: Pick<Needs, 'plugins'>, id: string): Promise<ExternalPlugin> {
	const found = (await plugins.external.list()).find((plugin) => plugin.id === id);
	if (!found) throw new Refusal('plugin/not-found', { detail: id });
	return found;
}

/**
 * Allows exactly the files whose digest the owner saw.
 * @throws Refusal auth/forbidden, plugin/not-found, plugin/changed
 */
export async function approvePlugin(
	services: Needs,
	{ id, digest, actor }: { id: string; digest: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	requireOwner(actor);
	const found = await findExternal(services, id);
	if (!found.digest || found.digest !== digest)
		throw new Refusal('plugin/changed', { detail: found.problem ?? 'another digest' });
	const now = services.clock.now();
	await services.control.write(async (tx) => {
		await saveApproval(tx, id, { digest, at: now, by: `${actor.kind}:${actor.id}` });
		await recordEvent(
			tx,
			{ action: 'plugin.allow', actor, target: `plugin:${id}`, detail: { digest } },
			{ clock: services.clock, visitor },
		);
	});
	await services.plugins.external.list();
}

/** Ends the plugin's process and keeps it from running. @throws Refusal auth/forbidden, plugin/not-found */
export async function revokePlugin(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	requireOwner(actor);
	const { approval } = await findExternal(services, id);
	if (!approval) return;
	await services.control.write(async (tx) => {
		await removeApproval(tx, id);
		await recordEvent(
			tx,
			{ action: 'plugin.withdraw', actor, target: `plugin:${id}` },
			{ clock: services.clock, visitor },
		);
	});
	await services.plugins.external.list();
}
