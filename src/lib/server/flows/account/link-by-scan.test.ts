import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type MiniProgramEmulator } from '../../../../../plugins/wechat-miniprogram/emulator';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	settledMessages,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { minute } from '../../runtime/clock';
import { openMessage } from '../messages/queue-message';
import { beginScan, collectScan, confirmScan, denyScan, openScan, watchScan } from '../scan/scan';
import type { AppServices } from '../services';
import { signOutEverywhere } from '../sign-out/end-sessions';
import { listOwnWaysIn, unlinkOwn } from './change-ways-in';
import { beginLinkingByScan, linkScanned } from './link-by-scan';

let wechat: MiniProgramEmulator;
let under: ApplianceUnderTest;
let app: AppServices;
let count = 0;
const connector = 'wechat-miniprogram';

beforeAll(async () => {
	wechat = await startEmulator();
	under = await applianceUnderTest(endpointsEnv({ [connector]: wechat }));
});
afterEach(() => wechat.reset());
afterAll(async () => {
	await under.close();
	await wechat.close();
});

/** In an app of their own: the people at WeChat are few. */
async function person(password: string | undefined = goodPassword) {
	app = await under.app({ externalSignUp: 'auto' });
	await enableVendors(app, { [connector]: wechat });
	return another(password);
}
async function another(password: string | undefined = goodPassword) {
	const username = `person${++count}`;
	const user = await under.user(app, {
		username,
		email: `${username}@example.com`,
		emailVerified: true,
		...(password ? { password } : {}),
	});
	return { user, session: await sessionOf(app, user) };
}
type Person = Awaited<ReturnType<typeof person>>;

const phone = visitor({ address: '198.51.100.9', device: 'MicroMessenger' });
const begin = async ({ user, session }: Person, password = goodPassword) => {
	const owner = { user, session, password };
	const { secret, word } = await beginLinkingByScan(app, { owner, connector }, visitor());
	const key = new URLSearchParams(wechat.drawn.at(-1)).get('signinKey') ?? '';
	return { secret, word, key };
};
const confirm = (key: string, name: 'mei' | 'li' = 'mei') =>
	confirmScan(app, { key, ticket: wechat.login(name) }, phone);
const link = ({ user, session }: Person, secret: string) =>
	linkScanned(app, { user, session, secret }, visitor());
const linkedTo = async ({ user }: Person) => (await listOwnWaysIn(app, user.id)).identities;
async function signInByScan() {
	const { key, secret } = await beginScan(app, { connector }, visitor());
	await confirm(key);
	return signedInBy(await collectScan(app, { secret }, visitor())).user;
}

describe('linking by another device', () => {
	it('links whom the device confirmed, tells the owner, signs in as them, and is taken away again', async () => {
		const someone = await person();
		const { secret, key, word } = await begin(someone);
		expect(await openScan(app, { key }, phone)).toMatchObject({ word, connector, purpose: 'link' });
		await confirm(key);
		expect(await watchScan(app, { secret })).toEqual({ status: 'confirmed' });
		expect(await linkedTo(someone)).toEqual([]);
		await link(someone, secret);
		const [identity] = await linkedTo(someone);
		expect(identity).toMatchObject({ connector });
		await settledMessages(app);
		const [message] = await app.store.read.messages.list({ limit: 1 });
		expect(message?.purpose).toBe('way-in-added');
		expect(message && openMessage(app, message)?.to).toBe(someone.user.email);
		expect((await signInByScan()).id).toBe(someone.user.id);
		const owner = { ...someone, password: goodPassword };
		await unlinkOwn(app, { owner, id: identity?.id ?? '' }, visitor());
		expect((await signInByScan()).id).not.toBe(someone.user.id);
	});

	it('begins with a fresh proof (C12)', async () => {
		const someone = await person();
		expect(await refusalOf(begin(someone, 'not-the-password'))).toBe('auth/invalid-credentials');
		const without = { ...(await another('')), password: '' };
		under.clock.move(11 * minute);
		expect(await refusalOf(begin(without, ''))).toBe('auth/fresh-sign-in-required');
	});

	it('never signs anybody in', async () => {
		const someone = await person();
		const { secret, key } = await begin(someone);
		await confirm(key);
		expect(await refusalOf(collectScan(app, { secret }, visitor()))).toBe('interaction/expired');
		expect(await refusalOf(link(someone, secret))).toBe('done');
	});

	it('is not done with a scan that was begun to sign in', async () => {
		const someone = await person();
		const { key, secret } = await beginScan(app, { connector }, visitor());
		expect(await openScan(app, { key }, phone)).toMatchObject({ purpose: 'sign-in' });
		await confirm(key);
		expect(await refusalOf(link(someone, secret))).toBe('interaction/expired');
		expect(await linkedTo(someone)).toEqual([]);
	});

	it('is for the person and the session that began it', async () => {
		const someone = await person();
		const { secret, key } = await begin(someone);
		await confirm(key);
		expect(await refusalOf(link(await another(), secret))).toBe('interaction/not-yours');
		const elsewhere = { ...someone, session: await sessionOf(app, someone.user) };
		expect(await refusalOf(link(elsewhere, secret))).toBe('interaction/not-yours');
		await signOutEverywhere(app, { userId: someone.user.id, actor: system }, visitor());
		expect(await refusalOf(link(someone, secret))).not.toBe('done');
		expect(await linkedTo(someone)).toEqual([]);
	});

	it('waits for the device, and is not done once that said no', async () => {
		const someone = await person();
		const { secret, key } = await begin(someone);
		expect(await refusalOf(link(someone, secret))).toBe('interaction/expired');
		await denyScan(app, { key }, phone);
		expect(await watchScan(app, { secret })).toEqual({ status: 'denied' });
		expect(await refusalOf(link(someone, secret))).toBe('interaction/expired');
	});

	it('is done once', async () => {
		const someone = await person();
		const { secret, key } = await begin(someone);
		await confirm(key);
		const answers = await Promise.all([1, 2, 3].map(() => refusalOf(link(someone, secret))));
		expect(answers.sort()).toEqual(['done', 'interaction/expired', 'interaction/expired']);
		expect(await linkedTo(someone)).toHaveLength(1);
	});

	it('refuses what another user has, and is over then', async () => {
		const someone = await person();
		await signInByScan();
		const { secret, key } = await begin(someone);
		await confirm(key);
		expect(await refusalOf(link(someone, secret))).toBe('identity/taken');
		expect(await watchScan(app, { secret })).toEqual({ status: 'over' });
	});

	it('waits on where the vendor does not know the ticket', async () => {
		const someone = await person();
		const { secret, key } = await begin(someone);
		expect(await refusalOf(confirmScan(app, { key, ticket: 'made-up' }, phone))).toBe('auth/not-accepted');
		expect(await watchScan(app, { secret })).toMatchObject({ status: 'waiting' });
		await confirm(key);
		expect(await refusalOf(link(someone, secret))).toBe('done');
	});
});
