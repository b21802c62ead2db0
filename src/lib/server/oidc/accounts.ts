/** A user as the engine sees one. Disabled users are not found: userinfo and refresh stop at once. */
import type { Account, AccountClaims } from 'oidc-provider';
import type { AppRepositories } from '../storage/app/repositories';
import type { User } from '../storage/app/users';
import { currentWrites } from './adapter/request-writes';
import { scopesOf } from './scopes';

function profileClaims(user: User) {
	return {
		name: user.name || user.username || undefined,
		preferred_username: user.username ?? undefined,
		locale: user.locale ?? undefined,
		updated_at: Math.floor(user.updatedAt / 1000),
	};
}

const emailClaims = (user: User) =>
	user.email ? { email: user.email, email_verified: user.emailVerified } : {};
const phoneClaims = (user: User) =>
	user.phone ? { phone_number: user.phone, phone_number_verified: user.phoneVerified } : {};

async function roleClaims(read: AppRepositories, user: User) {
	const roles = await currentWrites().reads.settled(`roles:${user.id}`, () => read.roles.listOfUser(user.id));
	return { role: roles[0], roles };
}

async function claimsOf(read: AppRepositories, user: User, scope: string): Promise<AccountClaims> {
	const scopes = scopesOf(scope);
	return {
		sub: user.id,
		...(scopes.includes('profile') ? profileClaims(user) : {}),
		...(scopes.includes('email') ? emailClaims(user) : {}),
		...(scopes.includes('phone') ? phoneClaims(user) : {}),
		...(scopes.includes('role') ? await roleClaims(read, user) : {}),
	};
}

export async function findAccount(read: AppRepositories, id: string): Promise<Account | undefined> {
	const user = await currentWrites().reads.settled(`user:${id}`, () => read.users.findById(id));
	if (user?.status !== 'active') return undefined;
	return { accountId: user.id, claims: (_use, scope) => claimsOf(read, user, scope) };
}
