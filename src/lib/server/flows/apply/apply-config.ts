/**
 * Declarative configuration (docs/config.md, "The apply file"). The file is read and checked whole before
 * anything is done; then each object goes through the flow that the console uses. A second run finds
 * nothing to do.
 */
import { readApplianceMail, saveApplianceMail, type ApplianceMail } from '../messages/appliance-sender';
import { senderChannels } from '../messages/choose-sender';
import { requireOwner } from '../operators/operators';
import type { Actor, ApplianceServices, Visitor } from '../services';
import { applyApp } from './apply-app';
import { applyPlugin, type PluginTarget } from './apply-plugin';
import { checkFile } from './check-file';
import { changeOrNot, perform, type ApplyItem, type Run } from './run';
import type { ApplyFile } from './schema';

export type { ApplyItem } from './run';

export interface ApplyReport {
	dryRun: boolean;
	/** How many objects were, or would be, made, changed or removed. */
	changes: number;
	items: ApplyItem[];
}

export interface ApplyOrder {
	/** The file's content, YAML. */
	text: string;
	/** Reports what would be done and does nothing. */
	dryRun?: boolean | undefined;
	actor: Actor;
}

async function applyAppliance(
	run: Run,
	{ senders, alertEmail, plugins = {} }: NonNullable<ApplyFile['appliance']>,
): Promise<void> {
	const { services, actor, visitor } = run;
	const target: PluginTarget = {
		store: services.control,
		vault: services.vault,
		plugins: services.plugins.appliance,
	};
	for (const channel of senderChannels) {
		const use = senders?.[channel];
		if (!use) continue;
		const place = { object: `appliance sender:${channel}`, path: ['appliance', 'senders', channel] };
		await applyPlugin(run, target, { wish: { id: use.plugin, config: use.config }, place });
	}
	for (const [id, use] of Object.entries(plugins)) {
		const place = { object: `appliance plugin:${id}`, path: ['appliance', 'plugins', id] };
		await applyPlugin(run, target, { wish: { id, config: use.config }, place });
	}
	const before = await readApplianceMail(services);
	const wanted: Partial<ApplianceMail> = {
		email: senders?.email?.plugin,
		sms: senders?.sms?.plugin,
		alertEmail,
	};
	const change = Object.fromEntries(
		Object.entries(wanted).filter(
			([key, value]) => value !== undefined && value !== before[key as keyof ApplianceMail],
		),
	);
	const fields = Object.keys(change);
	const work = () => saveApplianceMail(services, { change, actor }, visitor);
	await perform(
		run,
		{ object: 'appliance', path: ['appliance'] },
		{ deed: changeOrNot(fields), fields, work },
	);
}

/**
 * @throws Refusal config/invalid: with the line and the place, before or while it is carried out. What was
 * done before stays done: correct the file and apply it again.
 * @throws Refusal auth/forbidden unless an owner or the system asks
 */
export async function applyConfig(
	services: ApplianceServices,
	order: ApplyOrder,
	visitor: Visitor,
): Promise<ApplyReport> {
	requireOwner(order.actor);
	// The parser is large, and most starts apply nothing.
	const { parseFile } = await import('./parse-file');
	const { file, lineOf } = parseFile(order.text);
	const { actor, dryRun = false } = order;
	const run: Run = { services, actor, visitor, dryRun, lineOf, items: [] };
	await checkFile(run, file);
	if (file.appliance) await applyAppliance(run, file.appliance);
	for (const [index, wanted] of (file.apps ?? []).entries()) {
		const place = { object: `app:${wanted.id}`, path: ['apps', index] };
		await applyApp(run, { wanted, place, prune: wanted.prune ?? file.prune ?? false });
	}
	const changes = run.items.filter((item) => item.deed !== 'unchanged').length;
	return { dryRun, changes, items: run.items };
}
