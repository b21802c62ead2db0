import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator as startApp, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
import {
	startEmulator as startMini,
	type MiniProgramEmulator,
} from '../../../../../plugins/wechat-miniprogram/emulator';
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
import type { PersonKey } from '../../../../../tests/emulators/wechat-cast';
import { minute } from '../../runtime/clock';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { enterExternal, joinExternal, type Entered } from './enter-external';
import { linkArrival, linkExternal, listIdentities, unlinkIdentity } from './link-external';
import { redeemTicket } from './redeem-ticket';

let vendors: { 'wechat-app': AppEmulator; 'wechat-miniprogram': MiniProgramEmulator };
let under: ApplianceUnderTest;

beforeAll(async () => {
	vendors = { 'wechat-app': await startApp(), 'wechat-miniprogram': await startMini() };
	under = await applianceUnderTest(endpointsEnv(vendors));
});
afterAll(async () => {
	await under.close();
	await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
});

async function appWith(settings: Record<string, unknown> = {}): Promise<AppServices> {
	const app = await under.app(settings);
	await enableVendors(app, vendors);
	return app;
}

const arrive = (app: AppServices, person: PersonKey = 'mei') =>
	redeemTicket(app, { connector: 'wechat-app', ticket: vendors['wechat-app'].approve(person) }, visitor());
const enter = async (app: AppServices, person?: PersonKey) =>
	enterExternal(app, await arrive(app, person), visitor());
const enterWithPhone = async (app: AppServices, person: PersonKey = 'mei') => {
	const mini = vendors['wechat-miniprogram'];
	const arrived = await redeemTicket(
		app,
		{
			connector: 'wechat-miniprogram',
			ticket: mini.login(person),
			params: { phoneCode: mini.givePhone(person) },
		},
		visitor(),
	);
	return enterExternal(app, arrived, visitor());
};

function pendingOf(entered: Entered): string {
	if (entered.status === 'signed-in') throw new Error('signed in at once');
	return entered.pending;
}
const join = async (app: AppServices, person?: PersonKey) =>
	joinExternal(app, { pending: pendingOf(await enter(app, person)) }, visitor());

describe('a person whom a vendor has authenticated', () => {
	it('is asked at the first time, and let in from then on', async () => {
		const app = await appWith();
		const entered = await enter(app);
		expect(entered).toMatchObject({ status: 'ask', join: true, connector: 'wechat-app', name: '梅' });
		const joined = signedInBy(await joinExternal(app, { pending: pendingOf(entered) }, visitor()));
		expect(joined.user).toMatchObject({ name: '梅', username: null, email: null, signInCount: 1 });
		const again = signedInBy(await enter(app));
		expect(again.user.id).toBe(joined.user.id);
		const session = await app.sessions.validate(again.session.token);
		expect(session?.amr).toEqual(app.plugins.manifestOf('wechat-app').amr);
	});

	it('gets the default role, the points, and an event in the audit log', async () => {
		const app = await appWith({ externalSignUp: 'auto', signUpPoints: 50 });
		const { user } = signedInBy(await enter(app));
		expect(user.points).toBe(50);
		expect(await app.store.read.users.findById(user.id)).toMatchObject({ points: 50 });
		expect(await app.store.read.roles.listOfUser(user.id)).toEqual(['user']);
		const [event] = await app.store.read.audit.list({ action: 'user.register', limit: 1 });
		expect(event).toMatchObject({ target: `user:${user.id}`, detail: { connector: 'wechat-app' } });
	});

	it('becomes one user however many requests come at once', async () => {
		const app = await appWith({ externalSignUp: 'auto' });
		const results = await Promise.allSettled(Array.from({ length: 8 }, () => enter(app)));
		expect(results.some(({ status }) => status === 'fulfilled')).toBe(true);
		expect(await app.store.read.users.count()).toBe(1);
		expect(signedInBy(await enter(app)).user.number).toBe(1);
	});

	it('becomes one user also when two pages join at the same time', async () => {
		const app = await appWith();
		const [one, two] = [pendingOf(await enter(app)), pendingOf(await enter(app))];
		const answers = await Promise.all(
			[one, two].map((pending) => refusalOf(joinExternal(app, { pending }, visitor()))),
		);
		expect(answers.sort()).toEqual(['done', 'identity/taken']);
		expect(await app.store.read.users.count()).toBe(1);
	});

	it('is asked for a quarter of an hour, and answers once', async () => {
		const app = await appWith();
		const pending = pendingOf(await enter(app));
		expect(await refusalOf(joinExternal(app, { pending }, visitor()))).toBe('done');
		expect(await refusalOf(joinExternal(app, { pending }, visitor()))).toBe('interaction/expired');
		const late = pendingOf(await enter(app, 'li'));
		under.clock.move(16 * minute);
		expect(await refusalOf(joinExternal(app, { pending: late }, visitor()))).toBe('interaction/expired');
		expect(await refusalOf(joinExternal(app, { pending: 'made up' }, visitor()))).toBe('interaction/expired');
	});

	it('cannot answer in another app', async () => {
		const [one, other] = [await appWith(), await appWith()];
		const pending = pendingOf(await enter(one));
		expect(await refusalOf(joinExternal(other, { pending }, visitor()))).toBe('interaction/expired');
	});

	it('does not get in once disabled', async () => {
		const app = await appWith({ externalSignUp: 'auto' });
		const { user } = signedInBy(await enter(app));
		await updateUser(app, { id: user.id, change: { status: 'disabled' }, actor: system }, visitor());
		expect(await refusalOf(enter(app))).toBe('auth/account-disabled');
	});

	it('cannot join where registration is closed, but can link an account', async () => {
		const app = await appWith({ registration: 'closed' });
		const entered = await enter(app);
		expect(entered).toMatchObject({ status: 'ask', join: false });
		expect(await refusalOf(joinExternal(app, { pending: pendingOf(entered) }, visitor()))).toBe(
			'auth/registration-closed',
		);
	});

	it('brings a ticket that works once; a made-up one never works', async () => {
		const app = await appWith({ externalSignUp: 'auto' });
		const ticket = vendors['wechat-app'].approve('mei');
		const redeem = (value: string) =>
			redeemTicket(app, { connector: 'wechat-app', ticket: value }, visitor());
		expect(await refusalOf(redeem(ticket))).toBe('done');
		expect(await refusalOf(redeem(ticket))).toBe('auth/not-accepted');
		expect(await refusalOf(redeem('made-up'))).toBe('auth/not-accepted');
	});

	it('is refused where the connector is off', async () => {
		const app = await under.app();
		expect(await refusalOf(arrive(app))).toBe('plugin/not-enabled');
	});
});

describe('an address that the vendor has verified', () => {
	it('becomes the account’s, proven', async () => {
		const app = await appWith({ externalSignUp: 'auto' });
		expect(signedInBy(await enterWithPhone(app)).user).toMatchObject({
			phone: '+8613800138001',
			phoneVerified: true,
		});
	});

	it('satisfies the proof that the app demands', async () => {
		const app = await appWith({ externalSignUp: 'auto', requireVerified: ['phone'] });
		expect((await enterWithPhone(app)).status).toBe('signed-in');
		expect(await enter(app, 'li')).toMatchObject({ status: 'prove', what: 'phone' });
	});

	it('never merges silently: an equal phone makes the page ask, and joining leaves it where it is (B03)', async () => {
		const app = await appWith({ externalSignUp: 'auto' });
		const owner = await under.user(app, {
			username: 'owner',
			phone: '13800138001',
			phoneVerified: true,
			password: goodPassword,
		});
		const entered = await enterWithPhone(app);
		expect(entered).toMatchObject({ status: 'ask', join: true });
		const { user } = signedInBy(await joinExternal(app, { pending: pendingOf(entered) }, visitor()));
		expect(user.id).not.toBe(owner.id);
		expect(user.phone).toBeNull();
		expect(await app.store.read.users.findById(owner.id)).toMatchObject({ phoneVerified: true });
	});
});

describe('linking', () => {
	async function withAlice(settings: Record<string, unknown> = {}) {
		const app = await appWith(settings);
		const alice = await under.user(app);
		return { app, alice, session: await sessionOf(app, alice) };
	}

	it('binds the waiting identity to the account that was proven', async () => {
		const { app, alice, session } = await withAlice();
		const pending = pendingOf(await enter(app));
		await submitSignIn(app, { identifier: 'alice', password: goodPassword }, visitor());
		await linkArrival(app, { session, pending }, visitor());
		expect(signedInBy(await enter(app)).user.id).toBe(alice.id);
		expect(await listIdentities(app, alice.id)).toMatchObject([{ connector: 'wechat-app', name: '梅' }]);
		expect(await refusalOf(linkArrival(app, { session, pending }, visitor()))).toBe('interaction/expired');
	});

	it('refuses an account that belongs to another user', async () => {
		const { app, session } = await withAlice();
		await join(app);
		expect(await refusalOf(linkExternal(app, { session, arrived: await arrive(app) }, visitor()))).toBe(
			'identity/taken',
		);
	});

	it('twice is no error, and one identity', async () => {
		const { app, session } = await withAlice();
		const first = await linkExternal(app, { session, arrived: await arrive(app) }, visitor());
		const second = await linkExternal(app, { session, arrived: await arrive(app) }, visitor());
		expect(second).toBe(first);
	});

	it('can be undone, and the external account is unknown from then on', async () => {
		const { app, alice, session } = await withAlice();
		const id = await linkExternal(app, { session, arrived: await arrive(app) }, visitor());
		await unlinkIdentity(app, { user: alice, id }, visitor());
		expect((await enter(app)).status).toBe('ask');
		const [event] = await app.store.read.audit.list({ action: 'user.unlink', limit: 1 });
		expect(event).toMatchObject({ actor: { kind: 'user', id: alice.id } });
	});

	it('is never undone where the user has no other way in', async () => {
		const app = await appWith({ externalSignUp: 'auto' });
		const { user } = signedInBy(await enter(app));
		const [identity] = await listIdentities(app, user.id);
		expect(await refusalOf(unlinkIdentity(app, { user, id: identity?.id ?? '' }, visitor()))).toBe(
			'auth/last-way-in',
		);
	});

	it('cannot be undone for another user (D08)', async () => {
		const { app, alice } = await withAlice({ externalSignUp: 'auto' });
		const { user } = signedInBy(await enter(app));
		const [identity] = await listIdentities(app, user.id);
		expect(await refusalOf(unlinkIdentity(app, { user: alice, id: identity?.id ?? '' }, visitor()))).toBe(
			'identity/not-found',
		);
	});
});
