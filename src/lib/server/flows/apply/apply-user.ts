/** Users that the file names. A user that exists already is completed; its password is never touched. */
import { keyOf, phoneKey } from '../../../contract/identifiers';
import type { User } from '../../storage/app/users';
import { createUser, updateUser } from '../users/manage-users';
import type { UserChangeInput } from '../users/user-change';
import { parseIdentifiers } from '../users/write-user';
import type { AppServices } from '../services';
import { changeOrNot, isSame, mergeList, perform, type Place, type Run } from './run';
import type { WantedUser } from './schema';

/**
 * Finds the user by username, then email (a proven one first), then phone: the first of these in the file decides.
 */
async function findUser(
	{ store }: Pick<AppServices, 'store'>,
	wanted: WantedUser,
): Promise<User | undefined> {
	const { users } = store.read;
	const [byEmail] = wanted.email ? await users.listByEmailContact(keyOf(wanted.email), 1) : [];
	const phone = wanted.phone ? phoneKey(wanted.phone) : undefined;
	const byUsername = wanted.username
		? await users.findByIdentifier('username', keyOf(wanted.username))
		: undefined;
	return byUsername ?? byEmail ?? (phone ? users.findByIdentifier('phone', phone) : undefined);
}

function changeOf(wanted: WantedUser, before: User & { roles: string[] }, prune: boolean): UserChangeInput {
	const parsed = parseIdentifiers(wanted);
	const given: UserChangeInput = {
		...(parsed.username === null ? {} : { username: parsed.username }),
		...(parsed.email === null ? {} : { email: parsed.email }),
		...(parsed.phone === null ? {} : { phone: parsed.phone }),
		...(wanted.name === undefined ? {} : { name: wanted.name.trim() }),
		...(wanted.emailVerified ? { emailVerified: true } : {}),
		...(wanted.phoneVerified ? { phoneVerified: true } : {}),
		...(wanted.roles ? { roles: mergeList(before.roles, wanted.roles, prune) } : {}),
	};
	const different = Object.entries(given).filter(
		([key, value]) => !isSame(before[key as keyof UserChangeInput], value),
	);
	return Object.fromEntries(different);
}

export async function applyUser(
	run: Run,
	app: AppServices | undefined,
	{ wanted, place, prune }: { wanted: WantedUser; place: Place; prune: boolean },
): Promise<void> {
	const { actor, visitor } = run;
	const found = app && (await findUser(app, wanted));
	if (!app || !found) {
		const { prune: _, ...input } = wanted;
		const create = () => (app ? createUser(app, { input, actor }, visitor) : Promise.resolve());
		return perform(run, place, { deed: 'create', fields: [], work: create });
	}
	const before = { ...found, roles: await app.store.read.roles.listOfUser(found.id) };
	const change = changeOf(wanted, before, wanted.prune ?? prune);
	const fields = Object.keys(change);
	await perform(run, place, {
		deed: changeOrNot(fields),
		fields,
		work: () => updateUser(app, { id: found.id, change, actor }, visitor),
	});
}
