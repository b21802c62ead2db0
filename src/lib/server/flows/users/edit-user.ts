/**
 * The console's form of a user: only the fields that were changed in it are written, so old values that it showed
 * are not put back.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { editedFields, editedList, isListEdited } from '../../domain/edited';
import type { Actor, AppServices, Visitor } from '../services';
import { updateUser, type UserView } from './manage-users';
import type { UserChangeInput } from './user-change';

const drawnSchema = z.object({
	name: z.string(),
	username: z.string(),
	email: z.string(),
	phone: z.string(),
	emailVerified: z.boolean(),
	phoneVerified: z.boolean(),
	roles: z.array(z.string()),
	points: z.number(),
});
export type DrawnUser = z.output<typeof drawnSchema>;

/** What the form shows. It comes back beside what was typed. */
export const drawUser = (user: UserView): DrawnUser => ({
	name: user.name,
	username: user.username ?? '',
	email: user.email ?? '',
	phone: user.phone ?? '',
	emailVerified: user.emailVerified,
	phoneVerified: user.phoneVerified,
	roles: user.roles,
	points: user.points,
});

export interface TypedUser extends Omit<DrawnUser, 'emailVerified' | 'phoneVerified'> {
	/** The address that the tick "proven" was set for; undefined without a tick. */
	emailProven: string | undefined;
	phoneProven: string | undefined;
}

interface Edit {
	drawn: DrawnUser;
	typed: TypedUser;
	now: UserView;
}

/**
 * An operator vouches for the address that they see. A tick set before another address was typed is not for the new
 * one, and a tick for an address that the user gave up meanwhile is not for their present one.
 */
function editedAddress(kind: 'email' | 'phone', { drawn, typed, now }: Edit): UserChangeInput {
	const verified = kind === 'email' ? 'emailVerified' : 'phoneVerified';
	const proven = kind === 'email' ? typed.emailProven : typed.phoneProven;
	const ticked = proven !== undefined;
	if (typed[kind] !== drawn[kind]) {
		const vouched = ticked && (proven === typed[kind] || !drawn[verified]);
		return { [kind]: typed[kind], ...(vouched ? { [verified]: true } : {}) };
	}
	if (ticked === drawn[verified]) return {};
	if ((now[kind] ?? '') !== drawn[kind])
		throw new Refusal('input/outdated', { fields: { [kind]: 'input/outdated' } });
	return { [verified]: ticked };
}

function editOf(edit: Edit): UserChangeInput {
	const { drawn, typed, now } = edit;
	const plain = ({ name, username, points }: Pick<DrawnUser, 'name' | 'username' | 'points'>) => ({
		name,
		username,
		points,
	});
	const roles = { drawn: drawn.roles, typed: typed.roles };
	return {
		...editedFields(plain(drawn), plain(typed)),
		...editedAddress('email', edit),
		...editedAddress('phone', edit),
		...(isListEdited(roles) ? { roles: editedList(now.roles, roles) } : {}),
	};
}

/**
 * @param edit.drawn as `drawUser` made it
 * @throws Refusal input/outdated (also without `drawn`), and what `updateUser` throws
 */
export async function editUser(
	services: AppServices,
	{ id, drawn, typed, actor }: { id: string; drawn: unknown; typed: TypedUser; actor: Actor },
	visitor: Visitor,
): Promise<UserView> {
	const shown = drawnSchema.safeParse(drawn);
	if (!shown.success) throw new Refusal('input/outdated');
	const change = (now: UserView) => editOf({ drawn: shown.data, typed, now });
	return updateUser(services, { id, change, actor }, visitor);
}
