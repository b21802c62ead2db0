/** Switching plugins on and off and filling in their settings, for one app or for the whole appliance. */
import type { AppPlugins, PluginChange, SelfTest } from '../../plugins/host';
import type { SharedRepositories } from '../../storage/shared/repositories';
import { recordEvent } from '../audit/record-event';
import { requireOwner } from '../operators/operators';
import type { Actor, Visitor } from '../services';
import type { Clock } from '../../runtime/clock';

interface Needs {
	plugins: AppPlugins;
	/** The database whose audit log tells of it: the app's, or the control database. */
	store: { write(work: (tx: SharedRepositories) => Promise<void>): Promise<void> };
	clock: Clock;
}

/**
 * Whether only owners may set it: whoever names the server that carries every app's codes and links reads them.
 * @throws Refusal plugin/not-found
 */
export function isForOwners(plugins: Pick<AppPlugins, 'ofAppliance' | 'manifestOf'>, id: string): boolean {
	return plugins.ofAppliance && plugins.manifestOf(id).kinds.includes('sender');
}

/** @throws Refusal plugin/not-found, plugin/config-invalid with the fields at fault, auth/forbidden */
export async function configurePlugin(
	services: Needs,
	{ id, change, actor }: { id: string; change: PluginChange; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	if (isForOwners(services.plugins, id)) requireOwner(actor);
	await services.plugins.save(id, change);
	const detail = {
		...(change.enabled === undefined ? {} : { enabled: change.enabled }),
		// Names only: values may be secret.
		...(change.values ? { fields: Object.keys(change.values) } : {}),
	};
	await services.store.write((tx) =>
		recordEvent(
			tx,
			{ action: 'plugin.configure', actor, target: `plugin:${id}`, detail },
			{ clock: services.clock, visitor },
		),
	);
}

/** @throws Refusal plugin/not-found */
export async function testPlugin(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<SelfTest> {
	const result = await services.plugins.selfTest(id, visitor.locale);
	await services.store.write((tx) =>
		recordEvent(
			tx,
			{ action: 'plugin.test', actor, target: `plugin:${id}`, outcome: result.ok ? 'ok' : 'refused' },
			{ clock: services.clock, visitor },
		),
	);
	return result;
}
