/** Plugins that the file names: checked against their manifests before anything is done, then configured. */
import { parseConfigValue, type ConfigField, type Manifest } from '../../../plugin-kit';
import { settingsNameOf } from '../../plugins/registry';
import { createSettings } from '../../plugins/settings';
import type { AppPlugins, PluginScope } from '../../plugins/app-plugins';
import type { SharedRepositories } from '../../storage/shared/repositories';
import { configurePlugin } from '../connectors/configure-plugin';
import type { Path } from './place';
import { changeOrNot, perform, refusalAt, refuseAt, type Place, type Run } from './run';
import type { PluginValues } from './schema';

export interface PluginWish {
	id: string;
	enabled?: boolean | undefined;
	config?: PluginValues | undefined;
}

/** Where settings go: an app, or the appliance itself. */
export interface PluginTarget extends PluginScope {
	plugins: AppPlugins;
	store: PluginScope['store'] & { write(work: (tx: SharedRepositories) => Promise<void>): Promise<void> };
}

/** @throws Refusal config/invalid: no such plugin, not of the kind, or a setting it does not have */
export function checkPlugin(
	run: Pick<Run, 'services' | 'lineOf'>,
	wish: PluginWish,
	use: Place & { channel?: 'email' | 'sms' },
): void {
	const manifest = run.services.plugins.manifests().find((each) => each.id === wish.id);
	if (!manifest) refuseAt(run, use.path, `there is no plugin "${wish.id}"`);
	if (use.channel && !manifest.channels.includes(use.channel))
		refuseAt(run, use.path, `"${wish.id}" does not deliver ${use.channel}`);
	for (const [key, value] of Object.entries(wish.config ?? {})) {
		const field = fieldOf(manifest, key);
		const at = [...use.path, 'config', key];
		if (!field) refuseAt(run, at, `"${wish.id}" has no such setting`);
		if (value !== '' && parseConfigValue(field, value) === undefined)
			refuseAt(run, at, `is not a valid ${field.type}`);
	}
}

/** @throws Refusal config/invalid: it would be switched on without a setting it needs */
export async function planPlugin(
	run: Pick<Run, 'services' | 'lineOf'>,
	{ id, enabled, config }: PluginWish,
	{ at, own, appliance }: { at: Path; own?: PluginScope | undefined; appliance?: PluginValues | undefined },
): Promise<void> {
	const change = {
		trusted: true,
		...(enabled === undefined ? {} : { enabled }),
		...(config ? { values: config } : {}),
	};
	try {
		await run.services.plugins.plan({
			id,
			change,
			own,
			...(appliance ? { appliance: { values: appliance, trusted: true } } : {}),
		});
	} catch (error) {
		throw refusalAt(run, { object: '', path: at }, error);
	}
}

const fieldOf = (manifest: Manifest, key: string): ConfigField | undefined =>
	manifest.config.find((field) => field.key === key);

/** Settings that differ from the stored value, or name a host that is trusted only by being in the file. */
async function differences(run: Run, target: PluginTarget, wish: PluginWish): Promise<string[]> {
	const manifest = run.services.plugins.manifests().find((each) => each.id === wish.id);
	const stored = manifest && (await createSettings(target).read()).get(settingsNameOf(manifest));
	return Object.entries(wish.config ?? {}).flatMap(([key, value]) => {
		const field = manifest && fieldOf(manifest, key);
		if (!field) return [key];
		if (value === '') return !field.secret && stored && key in stored.values ? [key] : [];
		const same =
			stored !== undefined &&
			stored.values[key] === parseConfigValue(field, value) &&
			stored.trusted.includes(key);
		return same ? [] : [key];
	});
}

/** @param target undefined while the app is only planned */
export async function applyPlugin(
	run: Run,
	target: PluginTarget | undefined,
	{ wish, place }: { wish: PluginWish; place: Place },
): Promise<void> {
	if (!target)
		return perform(run, place, {
			deed: 'change',
			fields: Object.keys(wish.config ?? {}),
			work: async () => undefined,
		});
	const fields = await differences(run, target, wish);
	const isOn = (await target.plugins.list()).find((each) => each.id === wish.id)?.enabled;
	if (wish.enabled !== undefined && wish.enabled !== isOn) fields.unshift('enabled');
	const { id, enabled, config } = wish;
	const change = {
		trusted: true,
		...(enabled === undefined ? {} : { enabled }),
		...(config ? { values: config } : {}),
	};
	const needs = { plugins: target.plugins, store: target.store, clock: run.services.clock };
	await perform(run, place, {
		deed: changeOrNot(fields),
		fields,
		work: () => configurePlugin(needs, { id, change, actor: run.actor }, run.visitor),
	});
}
