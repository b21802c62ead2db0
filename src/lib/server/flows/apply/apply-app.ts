/** One app of the file, in the order in which its parts need each other. */
import type { AppSettings, Theme } from '../../../contract/app-settings';
import { createApp, updateApp, type AppSettingsInput } from '../apps/manage-apps';
import { senderChannels } from '../messages/choose-sender';
import { saveRole } from '../roles/save-role';
import type { AppServices } from '../services';
import { applyClient, removeOtherClients } from './apply-client';
import { applyPlugin } from './apply-plugin';
import { applyUser } from './apply-user';
import type { Path } from './parse-file';
import { changeOrNot, isSame, mergeList, perform, refuseAt, type Place, type Run } from './run';
import type { WantedApp, WantedRole } from './schema';

interface AppWish {
	wanted: WantedApp;
	place: Place;
	prune: boolean;
}

const notSettings = ['id', 'prune', 'theme', 'connectors', 'senders', 'clients', 'compat', 'roles', 'users'];

/** What the file says of the settings, lists and theme merged with what stands. */
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

async function applyRole(
	run: Run,
	app: AppServices | undefined,
	{ wanted, place, prune }: { wanted: WantedRole; place: Place; prune: boolean },
) {
	const stored = (await app?.store.read.roles.list())?.find((role) => role.id === wanted.id);
	const permissions = mergeList(
		stored?.permissions ?? [],
		wanted.permissions ?? [],
		(wanted.prune ?? prune) && wanted.permissions !== undefined,
	);
	const role = { id: wanted.id, name: wanted.name ?? stored?.name ?? wanted.id, permissions };
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

export async function applyApp(run: Run, wish: AppWish): Promise<void> {
	const { wanted, place, prune } = wish;
	const { app, isNew } = await makeOrFind(run, wish);
	const at = (list: string, index: number, name: string): Place => ({
		object: `${place.object} ${name}`,
		path: [...place.path, list, index] satisfies Path,
	});
	for (const [index, role] of (wanted.roles ?? []).entries())
		await applyRole(run, app, { wanted: role, place: at('roles', index, `role:${role.id}`), prune });
	await applyPlugins(run, app, wish);
	await applySettings(run, app, { ...wish, isNew });
	for (const [index, client] of (wanted.clients ?? []).entries())
		await applyClient(run, app, {
			wanted: client,
			place: at('clients', index, `client:${client.id}`),
			prune,
		});
	if (prune && app && wanted.clients) await removeOtherClients(run, app, { wanted: wanted.clients, place });
	for (const [index, user] of (wanted.users ?? []).entries()) {
		const name = user.username ?? user.email ?? user.phone ?? '';
		await applyUser(run, app, { wanted: user, place: at('users', index, `user:${name}`), prune });
	}
}
