/** One app of the file, in the order in which its parts need each other. */
import type { AppSettings, Theme } from '../../../contract/app-settings';
import { createApp, updateApp, type AppSettingsInput } from '../apps/manage-apps';
import { senderChannels } from '../messages/choose-sender';
import type { Role } from '../../storage/app/roles';
import { saveRole } from '../roles/save-role';
import type { AppServices } from '../services';
import { applyClient, removeOtherClients } from './apply-client';
import { applyPlugin } from './apply-plugin';
import { applyUser } from './apply-user';
import type { Path } from './place';
import { changeOrNot, isSame, mergeList, perform, refuseAt, type Place, type Run } from './run';
import type { WantedApp, WantedRole } from './schema';

interface AppWish {
	wanted: WantedApp;
	place: Place;
	prune: boolean;
}

const notSettings = ['id', 'prune', 'theme', 'connectors', 'senders', 'clients', 'compat', 'roles', 'users'];

/** What the file says of the settings, lists and theme merged with the stored ones. */
function settingsOf({ wanted, prune }: AppWish, before: AppSettings): AppSettingsInput {
	const named = Object.fromEntries(
		Object.entries(wanted).filter(([key, value]) => value !== undefined && !notSettings.includes(key)),
	);
	const senders = { ...before.senders };
	for (const channel of senderChannels)
		senders[channel] = wanted.senders?.[channel]?.plugin ?? before.senders[channel];
	const theme = Object.fromEntries(
		Object.entries(wanted.theme ?? {}).filter(([, value]) => value !== undefined),
	) as Partial<Theme>;
	return {
		...named,
		senders,
		theme: { ...before.theme, ...theme },
		requireVerified: mergeList(
			before.requireVerified,
			wanted.requireVerified ?? [],
			prune && wanted.requireVerified !== undefined,
		),
	};
}

/** @returns undefined in a dry run over an app that is not there yet */
async function makeOrFind(
	run: Run,
	{ wanted, place }: AppWish,
): Promise<{ app: AppServices | undefined; isNew: boolean }> {
	const exists = await run.services.control.read.apps.find(wanted.id);
	if (exists) return { app: await run.services.app(wanted.id), isNew: false };
	const { name } = wanted;
	if (name === undefined) refuseAt(run, place.path, 'a new app needs a name');
	const input = { id: wanted.id, settings: { name } };
	await perform(run, place, {
		deed: 'create',
		fields: [],
		work: () => createApp(run.services, { input, actor: run.actor }, run.visitor),
	});
	return { app: run.dryRun ? undefined : await run.services.app(wanted.id), isNew: true };
}

async function applySettings(
	run: Run,
	app: AppServices | undefined,
	wish: AppWish & { isNew: boolean },
): Promise<void> {
	if (!app) return;
	const before = await app.settings();
	const after = settingsOf(wish, before);
	const fields = (Object.keys(after) as (keyof AppSettings)[]).filter(
		(key) => !isSame(after[key], before[key]),
	);
	const change = Object.fromEntries(fields.map((key) => [key, after[key]])) as AppSettingsInput;
	// A new app has been noted already.
	const noted = wish.isNew ? { ...run, items: [] } : run;
	const work = () => updateApp(run.services, { id: app.id, change, actor: run.actor }, run.visitor);
	await perform(noted, wish.place, { deed: changeOrNot(fields), fields, work });
}

function roleOf(wanted: WantedRole, stored: Role | undefined, prune: boolean): Role {
	const before = stored?.permissions ?? [];
	const permissions = wanted.permissions
		? mergeList(before, wanted.permissions, wanted.prune ?? prune)
		: before;
	return { id: wanted.id, name: wanted.name ?? stored?.name ?? wanted.id, permissions };
}

async function applyRole(
	run: Run,
	app: AppServices | undefined,
	{ wanted, place, prune }: { wanted: WantedRole; place: Place; prune: boolean },
): Promise<void> {
	const stored = (await app?.store.read.roles.list())?.find((role) => role.id === wanted.id);
	const role = roleOf(wanted, stored, prune);
	const fields = (['name', 'permissions'] as const).filter(
		(key) => stored && !isSame(role[key], stored[key]),
	);
	const save = () => (app ? saveRole(app, { role, actor: run.actor }, run.visitor) : Promise.resolve());
	await perform(run, place, { deed: stored ? changeOrNot(fields) : 'create', fields, work: save });
}

async function applyPlugins(
	run: Run,
	app: AppServices | undefined,
	{ wanted, place }: AppWish,
): Promise<void> {
	for (const [id, use] of Object.entries(wanted.connectors ?? {})) {
		const there = { object: `${place.object} connector:${id}`, path: [...place.path, 'connectors', id] };
		await applyPlugin(run, app, { wish: { id, ...use }, place: there });
	}
	for (const channel of senderChannels) {
		const use = wanted.senders?.[channel];
		if (!use) continue;
		const there = { object: `${place.object} sender:${channel}`, path: [...place.path, 'senders', channel] };
		await applyPlugin(run, app, {
			wish: { id: use.plugin, enabled: true, config: use.config },
			place: there,
		});
	}
}

/** Each object of a list, with its name and its place in the file. */
function* placesOf<T>(app: Place, list: string, objects: readonly T[] | undefined): Generator<[T, Path]> {
	for (const [index, object] of (objects ?? []).entries()) yield [object, [...app.path, list, index]];
}

async function applyClients(
	run: Run,
	app: AppServices | undefined,
	{ wanted, place, prune }: AppWish,
): Promise<void> {
	for (const [client, path] of placesOf(place, 'clients', wanted.clients))
		await applyClient(run, app, {
			wanted: client,
			place: { object: `${place.object} client:${client.id}`, path },
			prune,
		});
	if (prune && app && wanted.clients) await removeOtherClients(run, app, { wanted: wanted.clients, place });
}

export async function applyApp(run: Run, wish: AppWish): Promise<void> {
	const { wanted, place, prune } = wish;
	const { app, isNew } = await makeOrFind(run, wish);
	for (const [role, path] of placesOf(place, 'roles', wanted.roles))
		await applyRole(run, app, {
			wanted: role,
			place: { object: `${place.object} role:${role.id}`, path },
			prune,
		});
	await applyPlugins(run, app, wish);
	await applySettings(run, app, { ...wish, isNew });
	await applyClients(run, app, wish);
	for (const [user, path] of placesOf(place, 'users', wanted.users)) {
		const name = user.username ?? user.email ?? user.phone ?? '';
		await applyUser(run, app, {
			wanted: user,
			place: { object: `${place.object} user:${name}`, path },
			prune,
		});
	}
}
