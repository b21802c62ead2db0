import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { changePassword } from '../account/change-password';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { enterExternal } from './enter-external';
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

	it('who links an account becomes a user, and the fingerprint opens nothing any more', async () => {
		const app = await appWith();
		const user = await enter(app);
		const arrived = await redeemTicket(
			app,
			{ connector: 'wechat-app', ticket: wechat.approve('mei') },
			visitor(),
		);
		await linkExternal(app, { user, arrived }, visitor());
		expect(await rolesOf(app, user)).toEqual(['user']);
		expect((await enter(app)).id).not.toBe(user.id);
	});

	it('who chooses a password stays one without a name to type beside it', async () => {
		const app = await appWith();
		const user = await enter(app);
		const session = { userId: user.id, authTime: under.clock.now() };
		await changePassword(app, { user, session, password: '', newPassword: goodPassword }, visitor());
		expect(await rolesOf(app, user)).toEqual(['guest']);
	});

	it('gets no other role, not even from an operator', async () => {
		const app = await appWith();
		const { id } = await enter(app);
		const promote = updateUser(app, { id, change: { roles: ['user', 'admin'] }, actor: system }, visitor());
		expect(await refusalOf(promote)).toBe('input/invalid');
	});

	it('is no account to link to another user: a fingerprint proves nothing', async () => {
		const app = await appWith();
		const alice = await under.user(app);
		expect(await refusalOf(linkExternal(app, { user: alice, arrived: await arrive(app) }, visitor()))).toBe(
			'auth/method-unavailable',
		);
	});
});
