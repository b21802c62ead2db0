import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type WebEmulator } from '../../../../../plugins/wechat-web/emulator';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	settledMessages,
	system,
	signedInBy,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { minute } from '../../runtime/clock';
import type { User } from '../../storage/app/users';
import { enterExternal, joinExternal, type Arrived } from '../external/enter-external';
import { finishRedirect } from '../external/redirect';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { signOutEverywhere } from '../sign-out/end-sessions';
import {
	beginLinking,
	beginPasskey,
	linkReturned,
	linkWithWaiting,
	listOwnWaysIn,
	renamePasskey,
	removeOwnPasskey,
	unlinkOwn,
	type Owner,
} from './change-ways-in';

let wechat: WebEmulator;
let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;
const connector = 'wechat-web';
const browser = 'what-the-cookie-holds';

beforeAll(async () => {
	wechat = await startEmulator();
	under = await applianceUnderTest(endpointsEnv({ [connector]: wechat }));
	app = await under.app({ name: 'Acme Shop' });
	await enableVendors(app, { [connector]: wechat });
	await app.plugins.save('passkey', { enabled: true });
});
afterEach(() => wechat.reset());
afterAll(async () => {
	await under.close();
	await wechat.close();
});

const ownerOf = (user: User, password = goodPassword): Owner => ({
	user,
	session: { userId: user.id, authTime: app.clock.now() },
	password,
});
const someone = () => {
	const username = `person${++count}`;
	return under.user(app, {
		username,
		email: `${username}@example.com`,
		emailVerified: true,
		password: goodPassword,
	});
};
const signedIn = async (user: User) => ({ user, session: await sessionOf(app, user) });
/** Somebody at the vendor whom nobody here knows yet. */
const arrival = (subject = `openid-${++count}`): Arrived => ({
	connector,
	external: { subject, scope: 'wx-site', also: [], profile: { name: 'Mei' } },
});
async function newsTo(user: User): Promise<{ purpose: string; text: string }[]> {
	await settledMessages(app);
	const messages = await app.store.read.messages.list({ limit: 200 });
	return messages.flatMap(({ purpose, ...message }) => {
		const letter = openMessage(app, { purpose, ...message });
		return letter && letter.to === user.email ? [{ purpose, text: letter.content.text }] : [];
	});
}
const begin = (owner: Owner) =>
	beginLinking(app, { owner, order: { connector, browser, back: '/apps/1/account/security' } }, visitor());

describe('linking an account elsewhere', () => {
	it('begins with a fresh proof, and comes back for whom it began (C12)', async () => {
		const user = await someone();
		const url = new URL(await begin(ownerOf(user)));
		const query = { state: url.searchParams.get('state') ?? '', code: wechat.approve('mei', 'website') };
		const returned = await finishRedirect(app, { connector, query, browser }, visitor());
		expect(returned).toMatchObject({ link: user.id, back: '/apps/1/account/security' });
	});

	it('does not begin with a wrong password, or long after the sign-in where there is none (C12)', async () => {
		const user = await someone();
		expect(await refusalOf(begin(ownerOf(user, 'not-the-password')))).toBe('auth/invalid-credentials');
		const external = await under.user(app, { username: `external${++count}` });
		const late = {
			...ownerOf(external, ''),
			session: { userId: external.id, authTime: app.clock.now() - 11 * minute },
		};
		expect(await refusalOf(begin(late))).toBe('auth/fresh-sign-in-required');
	});

	it('tells the owner (C12)', async () => {
		const user = await someone();
		await linkReturned(app, { ...(await signedIn(user)), arrived: arrival() }, visitor());
		expect((await listOwnWaysIn(app, user.id)).identities).toMatchObject([{ connector, name: 'Mei' }]);
		const [news] = await newsTo(user);
		expect(news).toMatchObject({ purpose: 'way-in-added' });
		expect(news?.text).toContain('WeChat');
	});

	it('is not done for a session that ended while the vendor was asked', async () => {
		const user = await someone();
		const asked = { ...(await signedIn(user)), arrived: arrival() };
		await signOutEverywhere(app, { userId: user.id, actor: system }, visitor());
		expect(await refusalOf(linkReturned(app, asked, visitor()))).toBe('auth/not-signed-in');
		expect((await listOwnWaysIn(app, user.id)).identities).toEqual([]);
		expect(await newsTo(user)).toEqual([]);
	});

	it('takes nobody’s account from them', async () => {
		const [user, other] = [await someone(), await someone()];
		await linkReturned(app, { ...(await signedIn(user)), arrived: arrival('shared') }, visitor());
		const asked = { ...(await signedIn(other)), arrived: arrival('shared') };
		const taken = linkReturned(app, asked, visitor());
		expect(await refusalOf(taken)).toBe('identity/taken');
		expect(await newsTo(other)).toEqual([]);
	});

	it('after a sign-in links who waited at the door, once, and tells the owner', async () => {
		const user = await someone();
		const entered = await enterExternal(app, arrival(), visitor());
		if (entered.status !== 'ask') throw new Error(entered.status);
		const waiting = { ...(await signedIn(user)), pending: entered.pending };
		await linkWithWaiting(app, waiting, visitor({ locale: 'zh-CN' }));
		expect((await listOwnWaysIn(app, user.id)).identities).toHaveLength(1);
		expect((await newsTo(user))[0]?.text).toContain('微信');
		expect(await refusalOf(linkWithWaiting(app, waiting, visitor()))).toBe('interaction/expired');
	});
});

describe('taking a way in away', () => {
	async function linked() {
		const user = await someone();
		await linkReturned(app, { ...(await signedIn(user)), arrived: arrival() }, visitor());
		const [identity] = (await listOwnWaysIn(app, user.id)).identities;
		return { user, id: identity?.id ?? '' };
	}

	it('needs a fresh proof and tells the owner (C12)', async () => {
		const { user, id } = await linked();
		const wrong = unlinkOwn(app, { owner: ownerOf(user, 'not-the-password'), id }, visitor());
		expect(await refusalOf(wrong)).toBe('auth/invalid-credentials');
		expect((await listOwnWaysIn(app, user.id)).identities).toHaveLength(1);
		await unlinkOwn(app, { owner: ownerOf(user), id }, visitor());
		expect((await listOwnWaysIn(app, user.id)).identities).toEqual([]);
		expect((await newsTo(user)).map(({ purpose }) => purpose)).toContain('way-in-removed');
	});

	it('is not for somebody else’s', async () => {
		const { id } = await linked();
		const stranger = await someone();
		expect(await refusalOf(unlinkOwn(app, { owner: ownerOf(stranger), id }, visitor()))).toBe(
			'identity/not-found',
		);
		expect(await refusalOf(unlinkOwn(app, { owner: ownerOf(stranger), id: 'nothing' }, visitor()))).toBe(
			'identity/not-found',
		);
	});

	it('leaves nobody without any', async () => {
		const entered = await enterExternal(app, arrival(), visitor());
		if (entered.status !== 'ask') throw new Error(entered.status);
		const { user } = signedInBy(await joinExternal(app, { pending: entered.pending }, visitor()));
		const [only] = (await listOwnWaysIn(app, user.id)).identities;
		const unlinking = unlinkOwn(app, { owner: ownerOf(user, ''), id: only?.id ?? '' }, visitor());
		expect(await refusalOf(unlinking)).toBe('auth/last-way-in');
		expect((await listOwnWaysIn(app, user.id)).identities).toHaveLength(1);
	});
});

describe('passkeys in the account centre', () => {
	const keep = (user: User, name = 'Laptop') => {
		const id = `key-${++count}`;
		const passkey = {
			id,
			userId: user.id,
			connector: 'passkey',
			stored: '{}',
			name,
			createdAt: app.clock.now(),
		};
		return app.store.write((tx) => tx.passkeys.create(passkey)).then(() => id);
	};

	it('begin with a fresh proof (C12)', async () => {
		const user = await someone();
		const order = (password?: string) => ({ owner: ownerOf(user, password), browser, connector: 'passkey' });
		const begun = await beginPasskey(app, order(), visitor());
		expect(begun.options).toMatchObject({ challenge: expect.any(String) as string });
		expect(await refusalOf(beginPasskey(app, order('not-the-password'), visitor()))).toBe(
			'auth/invalid-credentials',
		);
	});

	it('are renamed by their owner alone', async () => {
		const [user, stranger] = [await someone(), await someone()];
		const id = await keep(user);
		await renamePasskey(app, { user, id, name: '  Work laptop ' });
		expect((await listOwnWaysIn(app, user.id)).passkeys).toMatchObject([{ id, name: 'Work laptop' }]);
		expect(await refusalOf(renamePasskey(app, { user: stranger, id, name: 'Mine' }))).toBe(
			'identity/not-found',
		);
	});

	it('are removed with a fresh proof, and the owner hears of it (C12)', async () => {
		const user = await someone();
		const id = await keep(user);
		const wrong = removeOwnPasskey(app, { owner: ownerOf(user, 'not-the-password'), id }, visitor());
		expect(await refusalOf(wrong)).toBe('auth/invalid-credentials');
		await removeOwnPasskey(app, { owner: ownerOf(user), id }, visitor());
		expect((await listOwnWaysIn(app, user.id)).passkeys).toEqual([]);
		expect((await newsTo(user))[0]).toMatchObject({ purpose: 'way-in-removed' });
		expect((await newsTo(user))[0]?.text).toContain('Laptop');
		expect(await refusalOf(removeOwnPasskey(app, { owner: ownerOf(user), id }, visitor()))).toBe(
			'identity/not-found',
		);
	});

	it('show their owner no key material', async () => {
		const user = await someone();
		await keep(user);
		expect(JSON.stringify(await listOwnWaysIn(app, user.id))).not.toContain('stored');
	});
});
