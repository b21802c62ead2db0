/** Switching plugins on and off and filling in their settings, for one app or for the whole appliance. */
import { Refusal } from '../../../contract/errors';
import type { AppPlugins, PluginChange, PluginSummary, SelfTest } from '../../plugins/host';
import type { SharedRepositories } from '../../storage/shared/repositories';
import { recordEvent } from '../audit/record-event';
import { requireOwner } from '../operators/operators';
import type { Actor, Visitor } from '../services';
import type { Clock } from '../../runtime/clock';

interface Needs {
	plugins: AppPlugins;
	/** The database whose audit log records it: the app's, or the control database. */
	store: { write(work: (tx: SharedRepositories) => Promise<void>): Promise<void> };
	clock: Clock;
}

const signsIn = ({ manifest }: PluginSummary): boolean => manifest.kinds.some((kind) => kind !== 'sender');

/** A connector that is switched on comes after those that an operator has put in order. */
async function lastPlace(
	{ plugins }: Pick<Needs, 'plugins'>,
	{ id, change }: { id: string; change: PluginChange },
): Promise<number | undefined> {
	if (!change.enabled || plugins.ofAppliance) return undefined;
	const listed = (await plugins.list()).filter((each) => signsIn(each));
	const one = listed.find((each) => each.id === id);
	if (!one || one.enabled || one.position > 0) return undefined;
	const last = Math.max(0, ...listed.filter((each) => each.enabled).map(({ position }) => position));
	return last > 0 ? last + 1 : undefined;
}

/** @throws Refusal plugin/not-found, plugin/config-invalid with the fields at fault, auth/forbidden */
export async function configurePlugin(
	services: Needs,
	{ id, change, actor }: { id: string; change: PluginChange; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	// Every app inherits these settings: a person who could set the mail server, or a vendor's secret, could sign in
	// as any user of them.
	if (services.plugins.ofAppliance) requireOwner(actor);
	const position = change.position ?? (await lastPlace(services, { id, change }));
	const placed = { ...change, ...(position === undefined ? {} : { position }) };
	const detail = {
		...(change.enabled === undefined ? {} : { enabled: change.enabled }),
		// Names only: values may be secret.
		...(change.values ? { fields: Object.keys(change.values) } : {}),
	};
	await services.plugins.save(id, placed, (tx) =>
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

/**
 * Moves a connector that is on by one place, in the order in which the sign-in page offers them.
 * @throws Refusal plugin/not-found for a plugin that is not on
 */
export async function moveConnector(
	services: Needs,
	{ id, by, actor }: { id: string; by: 'up' | 'down'; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	const order = (await services.plugins.list()).filter((each) => each.enabled && signsIn(each));
	const from = order.findIndex((each) => each.id === id);
	if (from < 0) throw new Refusal('plugin/not-found', { detail: id });
	const to = Math.min(Math.max(from + (by === 'up' ? -1 : 1), 0), order.length - 1);
	order.splice(to, 0, ...order.splice(from, 1));
	const ids = order.map((each) => each.id);
	await services.plugins.arrange(ids, (tx) =>
		recordEvent(
			tx,
			{ action: 'plugin.move', actor, target: `plugin:${id}`, detail: { by } },
			{ clock: services.clock, visitor },
		),
	);
}
