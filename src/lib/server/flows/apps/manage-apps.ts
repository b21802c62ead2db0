/** Apps: make, change, delete. The app's database holds the truth; the control database a copy for lists. */
import {
	appIdSchema,
	appSettingsSchema,
	highestAppId,
	type AppSettings,
} from '../../../contract/app-settings';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import type { AppEntry } from '../../storage/control/apps';
import type { ControlRepositories } from '../../storage/control/repositories';
import { isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import { senderChannels } from '../messages/choose-sender';
import type { Actor, ApplianceServices, Visitor } from '../services';
import { appSetting } from './read-settings';

type Needs = Pick<ApplianceServices, 'control' | 'storage' | 'app' | 'forgetApp' | 'clock'>;

/** What is named is changed, within theme and senders as well. */
export type AppSettingsInput = Partial<Omit<AppSettings, 'theme' | 'senders'>> & {
	theme?: Partial<AppSettings['theme']>;
	senders?: Partial<AppSettings['senders']>;
};

/** Roles that every app has from the start. */
const firstRoles = [
	{ id: 'user', name: 'User', permissions: [] },
	{ id: 'admin', name: 'Administrator', permissions: [] },
];

const unfinishedSetting = (id: number) => `unfinished-app:${id}`;

/** @throws Refusal input/invalid with the fields at fault */
export function parseAppSettings(input: unknown): AppSettings {
	const result = appSettingsSchema.safeParse(input);
	if (result.success) return result.data;
	const invalid: ErrorCode = 'input/invalid';
	const fields = Object.fromEntries(
		result.error.issues.map((issue) => [issue.path.join('.') || 'name', invalid]),
	);
	throw new Refusal('input/invalid', { fields });
}

export interface CreateAppInput {
	/** Counted up unless given: a number that no app ever had. */
	id?: number | undefined;
	settings: unknown;
}

/** @throws Refusal input/invalid, app/id-taken */
export async function createApp(
	services: Needs,
	{ input, actor }: { input: CreateAppInput; actor: Actor },
	visitor: Visitor,
): Promise<AppEntry> {
	const settings = parseAppSettings(input.settings);
	refuseAdminForAll(settings);
	requireIdentifier(settings);
	if (input.id !== undefined) requireAppId(input.id);
	const now = services.clock.now();
	// The entry is written first: of two requests at once, one gets the number. Its settings wait beside it, so that
	// after a crash before the database exists, it is created at the app's first use.
	const entry = await services.control.write(
		async (tx) => {
			const made = await createEntry(tx, { id: input.id, settings, now });
			await tx.settings.save(unfinishedSetting(made.id), settings, now);
			await recordEvent(
				tx,
				{ action: 'app.create', actor, target: `app:${made.id}` },
				{ clock: services.clock, visitor },
			);
			return made;
		},
		{ grows: true },
	);
	await finishCreating(services, entry.id);
	return entry;
}

/** @throws Refusal input/invalid (id) */
function requireAppId(id: number): void {
	if (!appIdSchema.safeParse(id).success)
		throw new Refusal('input/invalid', { fields: { id: 'input/invalid' } });
}

/** @throws Refusal app/id-taken; input/invalid once every number was given */
async function createEntry(
	tx: ControlRepositories,
	{ id: chosen, settings, now }: { id: number | undefined; settings: AppSettings; now: number },
): Promise<AppEntry> {
	const id = chosen ?? (await tx.apps.nextId(highestAppId));
	requireAppId(id);
	const entry = { id, name: settings.name, isPublic: settings.public, createdAt: now, updatedAt: now };
	await tx.apps.create(entry).catch((error: unknown) => {
		throw isDuplicate(error)
			? new Refusal('app/id-taken', { fields: { id: 'app/id-taken' }, cause: error })
			: error;
	});
	return entry;
}

/** Completes what a crash during `createApp` left undone. @returns false when nothing was left */
export async function finishCreating(
	services: Pick<Needs, 'control' | 'storage' | 'clock'>,
	id: number,
): Promise<boolean> {
	const settings = await services.control.read.settings.find(unfinishedSetting(id));
	if (settings === undefined) return false;
	const isThere = (error: unknown) => error instanceof Refusal && error.code === 'app/id-taken';
	const store = await services.storage.createApp(id).catch((error: unknown) => {
		if (isThere(error)) return services.storage.app(id);
		throw error;
	});
	const now = services.clock.now();
	await store.write(async (tx) => {
		await tx.settings.save(appSetting, settings, now);
		for (const role of firstRoles) await tx.roles.save(role, now);
	});
	await services.control.write((tx) => tx.settings.delete(unfinishedSetting(id)));
	return true;
}

/** Changes what is named and leaves the rest. @throws Refusal app/not-found, input/invalid, role/not-found, sender/… */
export async function updateApp(
	services: Needs,
	{ id, change, actor }: { id: number; change: AppSettingsInput; actor: Actor },
	visitor: Visitor,
): Promise<AppSettings> {
	const app = await services.app(id);
	const before = await app.settings();
	await checkChoices(app, before, merge(before, change));
	const now = services.clock.now();
	const settings = await app.store.write(async (tx) => {
		// Merged with the settings as stored now: of two changes at once, neither undoes the other.
		await tx.settings.hold(appSetting);
		const merged = merge(parseAppSettings(await tx.settings.find(appSetting)), change);
		await tx.settings.save(appSetting, merged, now);
		await recordEvent(
			tx,
			{ action: 'app.update', actor, target: `app:${id}`, detail: { fields: Object.keys(change) } },
			{ clock: services.clock, visitor },
		);
		return merged;
	});
	await services.control.write((tx) =>
		tx.apps.update(id, { name: settings.name, isPublic: settings.public, updatedAt: now }),
	);
	return settings;
}

/** @throws Refusal input/invalid with the fields at fault */
function merge(before: AppSettings, change: AppSettingsInput): AppSettings {
	const theme = { ...before.theme, ...change.theme };
	const senders = { ...before.senders, ...change.senders };
	return parseAppSettings({ ...before, ...change, theme, senders });
}

/** No user becomes an administrator by signing up. */
function refuseAdminForAll(settings: AppSettings): void {
	if (settings.defaultRole === 'admin')
		throw new Refusal('input/invalid', { fields: { defaultRole: 'input/invalid' } });
}

/** Without any, no account of the app's own could sign in. */
function requireIdentifier({ signInIdentifiers }: AppSettings): void {
	if (signInIdentifiers.length === 0)
		throw new Refusal('input/invalid', { fields: { signInIdentifiers: 'input/invalid' } });
}

/** A method that is off is allowed: it is skipped until it is on. */
async function checkFirstMethods(
	{ plugins }: Awaited<ReturnType<Needs['app']>>,
	{ firstMethod }: AppSettings,
): Promise<void> {
	const known = new Set((await plugins.list()).map(({ id }) => id));
	const strange = Object.entries(firstMethod).find(([, id]) => id && !known.has(id));
	if (strange)
		throw new Refusal('plugin/not-found', { fields: { [`firstMethod.${strange[0]}`]: 'plugin/not-found' } });
}

async function checkChoices(
	app: Awaited<ReturnType<Needs['app']>>,
	before: AppSettings,
	after: AppSettings,
): Promise<void> {
	refuseAdminForAll(after);
	requireIdentifier(after);
	await checkFirstMethods(app, after);
	const roles = await app.store.read.roles.list();
	if (after.defaultRole && !roles.some((role) => role.id === after.defaultRole))
		throw new Refusal('role/not-found', { fields: { defaultRole: 'role/not-found' } });
	if (after.theme.logo && !(await app.store.read.images.find(after.theme.logo)))
		throw new Refusal('input/invalid', { fields: { 'theme.logo': 'input/invalid' } });
	for (const channel of senderChannels)
		if (after.senders[channel] && after.senders[channel] !== before.senders[channel])
			await app.plugins.requireSender(after.senders[channel], channel);
}

/** Deletes an app with all its users. @throws Refusal app/not-found */
export async function deleteApp(
	services: Needs,
	{ id, actor }: { id: number; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	if (!(await services.control.read.apps.find(id))) throw new Refusal('app/not-found');
	services.forgetApp(id);
	// The data is deleted first: after a crash in between the app is shown as damaged, and can be deleted again.
	await services.storage.deleteApp(id);
	await services.control.write(async (tx) => {
		if (!(await tx.apps.delete(id))) throw new Refusal('app/not-found');
		await tx.settings.delete(unfinishedSetting(id));
		await recordEvent(
			tx,
			{ action: 'app.delete', actor, target: `app:${id}` },
			{ clock: services.clock, visitor },
		);
	});
}

export async function listApps(services: Pick<Needs, 'control'>): Promise<AppEntry[]> {
	return services.control.read.apps.list();
}
