/**
 * What a schema cannot check: names that must exist, and names that are in the file twice. Checked before anything
 * is done.
 */
import { keyOf } from '../../../contract/identifiers';
import { senderChannels } from '../messages/choose-sender';
import { checkPlugin, planPlugin, type PluginWish } from './apply-plugin';
import type { Path } from './place';
import { refuseAt, type Run } from './run';
import type { ApplyFile, PluginValues, WantedApp, WantedSenders } from './schema';

type Needs = Pick<Run, 'services' | 'lineOf'>;

function refuseTwice(run: Needs, path: Path, names: readonly (string | undefined)[]): void {
	const seen = new Set<string>();
	for (const [index, name] of names.entries()) {
		if (name === undefined) continue;
		if (seen.has(name)) refuseAt(run, [...path, index], `"${name}" stands twice`);
		seen.add(name);
	}
}

function checkSenders(run: Needs, path: Path, senders: WantedSenders): void {
	for (const channel of senderChannels) {
		const use = senders?.[channel];
		if (use)
			checkPlugin(
				run,
				{ id: use.plugin, config: use.config },
				{ object: '', path: [...path, 'senders', channel], channel },
			);
	}
}

async function knownRoles(run: Needs, app: WantedApp): Promise<Set<string>> {
	const exists = await run.services.control.read.apps.find(app.id);
	const stored = exists ? await (await run.services.app(app.id)).store.read.roles.list() : [];
	return new Set([
		'user',
		'admin',
		...stored.map((role) => role.id),
		...(app.roles ?? []).map((role) => role.id),
	]);
}

async function checkRoles(run: Needs, path: Path, app: WantedApp): Promise<void> {
	const roles = await knownRoles(run, app);
	if (app.defaultRole && !roles.has(app.defaultRole))
		refuseAt(run, [...path, 'defaultRole'], `there is no role "${app.defaultRole}"`);
	for (const [index, user] of (app.users ?? []).entries()) {
		const unknown = user.roles?.find((role) => !roles.has(role));
		if (unknown !== undefined)
			refuseAt(run, [...path, 'users', index, 'roles'], `there is no role "${unknown}"`);
	}
}

async function checkApp(run: Needs, path: Path, app: WantedApp): Promise<void> {
	const { clients = [], roles = [], users = [] } = app;
	refuseTwice(
		run,
		[...path, 'clients'],
		clients.map((each) => each.id),
	);
	refuseTwice(
		run,
		[...path, 'roles'],
		roles.map((each) => each.id),
	);
	refuseTwice(
		run,
		[...path, 'users'],
		users.map((each) => each.username && keyOf(each.username)),
	);
	for (const [id, use] of Object.entries(app.connectors ?? {}))
		checkPlugin(run, { id, config: use.config }, { object: '', path: [...path, 'connectors', id] });
	checkSenders(run, path, app.senders);
	await checkRoles(run, path, app);
}

/** What is switched on must be complete, with what the appliance will give it. */
async function checkComplete(
	run: Needs,
	path: Path,
	{ app, appliance }: { app: WantedApp; appliance: ApplyFile['appliance'] },
): Promise<void> {
	const exists = await run.services.control.read.apps.find(app.id);
	const own = exists ? await run.services.app(app.id) : undefined;
	const senders = senderChannels.flatMap((channel) => {
		const use = app.senders?.[channel];
		const wish: PluginWish | undefined = use && { id: use.plugin, enabled: true, config: use.config };
		return wish ? [{ wish, at: [...path, 'senders', channel] }] : [];
	});
	const connectors = Object.entries(app.connectors ?? {}).map(([id, use]) => ({
		wish: { id, ...use },
		at: [...path, 'connectors', id],
	}));
	for (const { wish, at } of [...connectors, ...senders])
		await planPlugin(run, wish, { at, own, appliance: valuesFor(appliance, wish.id) });
}

/** Everything that the file's `appliance` part says about one plugin. */
function valuesFor(appliance: ApplyFile['appliance'], id: string): PluginValues | undefined {
	const uses = senderChannels.flatMap((channel) => appliance?.senders?.[channel] ?? []);
	const given = [...uses.filter((use) => use.plugin === id), appliance?.plugins?.[id]];
	const entries = given.flatMap((use) => Object.entries(use?.config ?? {}));
	return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** @throws Refusal config/invalid */
export async function checkFile(run: Needs, file: ApplyFile): Promise<void> {
	const { appliance, apps = [] } = file;
	for (const [id, use] of Object.entries(appliance?.plugins ?? {}))
		checkPlugin(run, { id, config: use.config }, { object: '', path: ['appliance', 'plugins', id] });
	checkSenders(run, ['appliance'], appliance?.senders);
	refuseTwice(
		run,
		['apps'],
		apps.map((app) => String(app.id)),
	);
	for (const [index, app] of apps.entries()) await checkApp(run, ['apps', index], app);
	for (const [index, app] of apps.entries()) await checkComplete(run, ['apps', index], { app, appliance });
}
