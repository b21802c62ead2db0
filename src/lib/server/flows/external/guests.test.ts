import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { becomeUser, readGuest } from '../account/become-user';
import { changePassword } from '../account/change-password';
import { beginLinking } from '../account/change-ways-in';
import { updateProfile } from '../account/update-profile';
import { updateApp, type AppSettingsInput } from '../apps/manage-apps';
import { limits, sourceOf } from '../../limits/rules';
import type { Refusal } from '../../../contract/errors';
import { beginCeremony } from '../passkeys/ceremony';
import { signOutEverywhere } from '../sign-out/end-sessions';
import { submitSignIn } from '../sign-in/submit-sign-in';
import type { User } from '../../storage/app/users';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { enterExternal } from './enter-external';
import { upgradeGuest } from './guests';
import { linkExternal } from './link-external';
import { redeemTicket } from './redeem-ticket';

let wechat: AppEmulator;
let under: ApplianceUnderTest;

beforeAll(async () => {
	wechat = await startEmulator();
	under = await applianceUnderTest(endpointsEnv({ 'wechat-app': wechat }));
});
afterAll(async () => {
	await under.close();
	await wechat.close();
});

async function appWith(settings: Record<string, unknown> = {}): Promise<AppServices> {
	const app = await under.app(settings);
	await app.plugins.save('guest', { enabled: true });
	await enableVendors(app, { 'wechat-app': wechat });
	return app;
}

const fingerprint = '0123456789abcdef0123456789abcdef';
const arrive = (app: AppServices, ticket = fingerprint) =>
	redeemTicket(app, { connector: 'guest', ticket }, visitor());
const enter = async (app: AppServices, ticket?: string) =>
	signedInBy(await enterExternal(app, await arrive(app, ticket), visitor())).user;
const rolesOf = (app: AppServices, { id }: { id: string }) => app.store.read.roles.listOfUser(id);

describe('a guest who chooses a username and a password', () => {
	const choice = { username: 'mei', newPassword: goodPassword };
	const become = async (app: AppServices, user: User, change: Partial<typeof choice> = {}) =>
		becomeUser(app, { user, session: await sessionOf(app, user), ...choice, ...change }, visitor());

	it('does not become a user where the session ended meanwhile', async () => {
		const app = await appWith();
		const { session, user } = signedInBy(await enterExternal(app, await arrive(app), visitor()));
		await signOutEverywhere(app, { userId: user.id, actor: system }, visitor());
		const late = becomeUser(app, { user, session: session.session, ...choice }, visitor());
		expect(await refusalOf(late)).toBe('auth/not-signed-in');
		expect(await rolesOf(app, user)).toEqual(['guest']);
	});

	it('is a user, keeps what was theirs, signs in by them, and leaves the fingerprint behind', async () => {
		const app = await appWith();
		const { session, user } = signedInBy(await enterExternal(app, await arrive(app), visitor()));
		expect(await readGuest(app, user)).toEqual({ byPassword: true });
		const became = await become(app, user);
		expect(became.user).toMatchObject({ id: user.id, username: 'mei', name: '' });
		expect(became.session.session).toMatchObject({ userId: user.id, amr: ['pwd'] });
		expect(await rolesOf(app, user)).toEqual(['user']);
		expect(await readGuest(app, became.user)).toBeUndefined();
		expect((await enter(app)).id).not.toBe(user.id);
		const typed = { identifier: 'mei', password: goodPassword };
		expect((await submitSignIn(app, typed, visitor())).user.id).toBe(user.id);
		const old = await app.store.read.sessions.find(session.session.id);
		expect(old).toBeUndefined();
	});

	it('is refused a name that another user has, a bad name and a weak password, at their fields', async () => {
		const app = await appWith();
		await under.user(app);
		const user = await enter(app);
		const fieldsOf = (change: Partial<typeof choice>) =>
			become(app, user, change).then(
				() => ({}),
				(error: unknown) => (error as Refusal).fields,
			);
		expect(await fieldsOf({ username: 'Alice' })).toEqual({ username: 'user/username-taken' });
		expect(await fieldsOf({ username: '' })).toEqual({ username: 'input/invalid' });
		expect(await fieldsOf({ username: 'a b' })).toEqual({ username: 'input/invalid' });
		expect(Object.keys(await fieldsOf({ newPassword: 'password' }))).toEqual(['newPassword']);
		expect(await rolesOf(app, user)).toEqual(['guest']);
	});

	it.each<[AppSettingsInput, string]>([
		[{ systemAccounts: false }, 'auth/method-unavailable'],
		[{ signInIdentifiers: ['email'] }, 'auth/method-unavailable'],
		[{ registration: 'closed' }, 'auth/registration-closed'],
		[{ requireVerified: ['email'] }, 'auth/method-unavailable'],
	])('is not one where the app says %j', async (change, code) => {
		const app = await appWith();
		const user = await enter(app);
		await updateApp(under.appliance.services, { id: app.id, change, actor: system }, visitor());
		expect(await readGuest(app, user)).toEqual({ byPassword: false });
		expect(await refusalOf(become(app, user))).toBe(code);
	});

	it('is limited in tries, without delaying people who sign in', async () => {
		const app = await appWith();
		const [user, guest] = [await under.user(app), await enter(app)];
		let hashed = 0;
		const plugins: AppServices['plugins'] = {
			...app.plugins,
			secret: (id) => ({ ...app.plugins.secret(id), enrol: async () => `hash ${++hashed}` }),
		};
		const counted: AppServices = { ...app, plugins };
		for (let times = 0; times < 3; times++) await refusalOf(become(counted, user));
		expect(hashed).toBe(0);
		const again = () => refusalOf(become(counted, guest, { username: 'alice' }));
		let last = '';
		for (let times = 0; times <= limits.registerAddress.points && last !== 'auth/too-many-attempts'; times++)
			last = await again();
		expect(last).toBe('auth/too-many-attempts');
		expect(hashed).toBeLessThan(limits.registerAddress.points);
	});

	it('must not be a user already', async () => {
		const app = await appWith();
		const user = await under.user(app);
		expect(await readGuest(app, user)).toBeUndefined();
		expect(await refusalOf(become(app, user))).toBe('auth/method-unavailable');
	});
});

describe('a guest', () => {
	it('is off by default', async () => {
		expect(await refusalOf(arrive(await under.app()))).toBe('plugin/not-enabled');
	});

	it('comes in at once, is known again, and holds the guest role only', async () => {
		const app = await appWith({ defaultRole: 'user' });
		const user = await enter(app);
		expect(await rolesOf(app, user)).toEqual(['guest']);
		expect((await enter(app)).id).toBe(user.id);
		expect((await enter(app, fingerprint.replace('0', 'f'))).id).not.toBe(user.id);
	});

	it('keeps no fingerprint that could be read', async () => {
		const app = await appWith();
		const user = await enter(app);
		const [identity] = await app.store.read.identities.listOfUser(user.id);
		const names = await app.store.read.identities.listNames(identity?.id ?? '');
		expect(JSON.stringify([user, identity, names])).not.toContain(fingerprint);
	});

	it('is not let in where something must be proven, or registration is closed', async () => {
		for (const settings of [{ requireVerified: ['phone'] }, { registration: 'closed' }]) {
			const app = await appWith(settings);
			const work = arrive(app).then((arrived) => enterExternal(app, arrived, visitor()));
			expect(await refusalOf(work)).toBe('auth/registration-closed');
		}
	});

	it('who links an account becomes a user, and the fingerprint no longer signs in', async () => {
		const app = await appWith();
		const user = await enter(app);
		const arrived = await redeemTicket(
			app,
			{ connector: 'wechat-app', ticket: wechat.approve('mei') },
			visitor(),
		);
		await linkExternal(app, { session: await sessionOf(app, user), arrived }, visitor());
		expect(await rolesOf(app, user)).toEqual(['user']);
		expect((await enter(app)).id).not.toBe(user.id);
	});

	it('who chooses a password but has no name to type with it stays a guest', async () => {
		const app = await appWith();
		const user = await enter(app);
		const session = await sessionOf(app, user);
		await changePassword(app, { user, session, password: '', newPassword: goodPassword }, visitor());
		expect(await rolesOf(app, user)).toEqual(['guest']);
	});

	it('is named as a guest until they become a user, unless they chose a name', async () => {
		const app = await appWith();
		const user = await enter(app);
		expect(user.name).toBe('Guest');
		const named = await enter(app, fingerprint.replace('0', 'f'));
		await updateProfile(app, { userId: named.id, change: { name: 'Xiao Mei' } }, visitor());
		for (const [each, person] of [[user, 'mei'] as const, [named, 'li'] as const]) {
			const ticket = wechat.approve(person);
			const arrived = await redeemTicket(app, { connector: 'wechat-app', ticket }, visitor());
			await linkExternal(app, { session: await sessionOf(app, each), arrived }, visitor());
		}
		const nameOf = async ({ id }: { id: string }) => (await app.store.read.users.findById(id))?.name;
		expect([await nameOf(user), await nameOf(named)]).toEqual(['', 'Xiao Mei']);
	});

	it('has proven nothing: the tokens claim no method of authentication', async () => {
		const app = await appWith();
		const { session } = signedInBy(await enterExternal(app, await arrive(app), visitor()));
		expect(session.session.amr).toEqual([]);
	});

	it('is limited per address as new accounts are', async () => {
		const app = await appWith();
		const on = [[limits.registerAddress, sourceOf(visitor().address)]] as const;
		for (let made = 0; made < limits.registerAddress.points; made++)
			await app.limiter.spend({ on: [...on], by: visitor() });
		expect(await refusalOf(enter(app))).toBe('auth/too-many-attempts');
		const elsewhere = visitor({ address: '198.51.100.9' });
		expect((await enterExternal(app, await arrive(app), elsewhere)).status).toBe('signed-in');
		// A person who is a guest already is let in.
		expect((await enter(app)).name).toBe('Guest');
	});

	it('gets no other role, not even from an operator', async () => {
		const app = await appWith();
		const { id } = await enter(app);
		const promote = updateUser(app, { id, change: { roles: ['user', 'admin'] }, actor: system }, visitor());
		expect(await refusalOf(promote)).toBe('input/invalid');
	});

	it('cannot be linked to another user: a fingerprint proves nothing', async () => {
		const app = await appWith();
		const alice = await under.user(app);
		expect(
			await refusalOf(
				linkExternal(app, { session: await sessionOf(app, alice), arrived: await arrive(app) }, visitor()),
			),
		).toBe('auth/method-unavailable');
	});
});

describe('a guest to whom the app would give no account', () => {
	const change = (app: AppServices, settings: AppSettingsInput) =>
		updateApp(under.appliance.services, { id: app.id, change: settings, actor: system }, visitor());
	const link = async (app: AppServices, user: User) => {
		const ticket = wechat.approve('mei');
		const arrived = await redeemTicket(app, { connector: 'wechat-app', ticket }, visitor());
		return refusalOf(linkExternal(app, { session: await sessionOf(app, user), arrived }, visitor()));
	};
	const prove = (app: AppServices, { id }: User, proven: Partial<User>) =>
		app.store.write(async (tx) => {
			await tx.users.update(id, { ...proven, updatedAt: 1 });
			await upgradeGuest(app, tx, { userId: id, visitor: visitor() });
		});

	it.each<[AppSettingsInput, string]>([
		[{ registration: 'closed' }, 'auth/registration-closed'],
		[{ requireVerified: ['email'] }, 'auth/proof-required'],
	])('links no account and makes no passkey where it says %j, and loses nothing', async (settings, code) => {
		const app = await appWith();
		const user = await enter(app);
		await change(app, settings);
		expect(await link(app, user)).toBe(code);
		expect(await refusalOf(beginCeremony(app, { user }, visitor()))).toBe(code);
		const session = { userId: user.id, authTime: app.clock.now() };
		const order = { connector: 'wechat-web', browser: 'mine', back: '/' };
		const linking = beginLinking(app, { owner: { user, session, password: '' }, order }, visitor());
		expect(await refusalOf(linking)).toBe(code);
		expect(await rolesOf(app, user)).toEqual(['guest']);
		expect(await app.store.read.identities.listOfUser(user.id)).toMatchObject([{ connector: 'guest' }]);
		expect((await enter(app)).id).toBe(user.id);
	});

	it('can link one once the proofs that the app demands are given', async () => {
		const app = await appWith();
		const user = await enter(app);
		await change(app, { requireVerified: ['email'], systemAccounts: false });
		await prove(app, user, { email: 'mei@example.com', emailVerified: true });
		// Without system accounts a proven address is not a way in, so the fingerprint stays.
		expect(await rolesOf(app, user)).toEqual(['guest']);
		expect(await link(app, user)).toBe('done');
		expect(await rolesOf(app, user)).toEqual(['user']);
	});

	it('stays a guest until no proof is missing, and keeps what is proven', async () => {
		const app = await appWith();
		const user = await enter(app);
		await change(app, { requireVerified: ['email', 'phone'] });
		await prove(app, user, { email: 'mei@example.com', emailVerified: true });
		expect(await rolesOf(app, user)).toEqual(['guest']);
		expect((await enter(app)).email).toBe('mei@example.com');
		await prove(app, user, { phone: '+8613800138000', phoneVerified: true });
		expect(await rolesOf(app, user)).toEqual(['user']);
		expect((await app.store.read.users.findById(user.id))?.email).toBe('mei@example.com');
	});
});
