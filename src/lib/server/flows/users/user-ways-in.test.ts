import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	settledMessages,
	signedInBy,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { enterExternal } from '../external/enter-external';
import { linkExternal, unlinkIdentity } from '../external/link-external';
import { redeemTicket } from '../external/redeem-ticket';
import type { Actor, AppServices } from '../services';
import { readWaysIn, removePasskeyForUser, unlinkForUser } from './user-ways-in';

const operator: Actor = { kind: 'operator', id: 'o1', role: 'operator' };
let vendors: { 'wechat-app': AppEmulator };
let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	vendors = { 'wechat-app': await startEmulator() };
	under = await applianceUnderTest(endpointsEnv(vendors));
	app = await under.app({ externalSignUp: 'auto' });
	await enableVendors(app, vendors);
	await app.plugins.save('passkey', { enabled: true });
});
afterAll(async () => {
	await under.close();
	await vendors['wechat-app'].close();
});

const arrive = (person: 'mei' | 'li') =>
	redeemTicket(app, { connector: 'wechat-app', ticket: vendors['wechat-app'].approve(person) }, visitor());
const unlink = (id: string, evenIfLast = false) =>
	refusalOf(unlinkForUser(app, { id, evenIfLast, actor: operator }, visitor()));
const removePasskey = (id: string, evenIfLast = false) =>
	refusalOf(removePasskeyForUser(app, { id, evenIfLast, actor: operator }, visitor()));
const lastEvent = async (action: string) => (await app.store.read.audit.list({ action, limit: 1 }))[0];
const addKey = (userId: string, id: string) =>
	app.store.write((tx) =>
		tx.passkeys.create({ id, userId, connector: 'passkey', stored: '{}', name: 'Phone', createdAt: 1 }),
	);

describe('what an operator sees of a user’s ways in', () => {
	it('marks the one that is the last that works', async () => {
		const { user } = signedInBy(await enterExternal(app, await arrive('mei'), visitor()));
		const alone = await readWaysIn(app, user.id);
		expect(alone).toMatchObject({
			identities: [{ connector: 'wechat-app', name: '梅', isLast: true }],
			passkeys: [],
			own: [],
		});
		await addKey(user.id, 'key-of-mei');
		const both = await readWaysIn(app, user.id);
		expect(both).toMatchObject({
			identities: [{ isLast: false }],
			passkeys: [{ name: 'Phone', isLast: false }],
		});
		expect(both.passkeys[0]).not.toHaveProperty('stored');
		expect(await removePasskey('key-of-mei')).toBe('done');
	});

	it('names the app’s own ones that work', async () => {
		const user = await under.user(app, { username: 'owned', password: goodPassword });
		expect((await readWaysIn(app, user.id)).own).toEqual(['password']);
		await app.plugins.save('password', { enabled: false });
		expect((await readWaysIn(app, user.id)).own).toEqual([]);
		await app.plugins.save('password', { enabled: true });
	});

	it.each<[string, Record<string, unknown>, 'email' | 'phone', boolean]>([
		['an email by which nobody signs in', { signInIdentifiers: ['username'] }, 'email', true],
		['an email by which they do', {}, 'email', false],
		['a phone that no text reaches', { senders: { email: 'outbox', sms: 'twilio' } }, 'phone', true],
		['a phone that one does', {}, 'phone', false],
	])('counts beside a linked account %s for what it is', async (_, settings, kind, isLast) => {
		const at = await under.app({ externalSignUp: 'auto', ...settings });
		await enableVendors(at, vendors);
		for (const id of ['email', 'sms']) await at.plugins.save(id, { enabled: true });
		const profile =
			kind === 'email'
				? { email: 'mei@example.com', emailVerified: true }
				: { phone: '+8613800138001', phoneVerified: true };
		const external = { subject: 'mei', scope: 'app', also: [], profile };
		const entered = await enterExternal(at, { connector: 'wechat-app', external }, visitor());
		const { user } = signedInBy(entered);
		const ways = await readWaysIn(at, user.id);
		expect(ways).toMatchObject({ identities: [{ isLast }], own: isLast ? [] : [kind] });
		const id = ways.identities[0]?.id ?? '';
		expect(await refusalOf(unlinkIdentity(at, { user, id }, visitor()))).toBe(
			isLast ? 'auth/last-way-in' : 'done',
		);
	});

	it('is refused for an unknown user', async () => {
		expect(await refusalOf(readWaysIn(app, 'nobody'))).toBe('user/not-found');
	});
});

describe('a way in that an operator takes away', () => {
	it('stops working at once, the audit log names the operator, and the user is told', async () => {
		const user = await under.user(app, {
			username: 'linked',
			email: 'linked@example.com',
			emailVerified: true,
			password: goodPassword,
		});
		const id = await linkExternal(
			app,
			{ session: await sessionOf(app, user), arrived: await arrive('li') },
			visitor(),
		);
		expect(await unlink(id)).toBe('done');
		expect((await readWaysIn(app, user.id)).identities).toEqual([]);
		expect(await lastEvent('user.unlink')).toMatchObject({
			actor: { kind: 'operator' },
			target: `user:${user.id}`,
			detail: { connector: 'wechat-app', last: false },
		});
		await settledMessages(app);
		const sent = await app.store.read.messages.list({ limit: 50 });
		expect(sent.map(({ purpose }) => purpose)).toContain('way-in-removed');
		expect(await unlink(id)).toBe('identity/not-found');
	});

	it('may be the last one only where the operator says so', async () => {
		const { user } = signedInBy(await enterExternal(app, await arrive('mei'), visitor()));
		const id = (await readWaysIn(app, user.id)).identities[0]?.id ?? '';
		expect(await unlink(id)).toBe('auth/last-way-in');
		expect(await unlink(id, true)).toBe('done');
		expect(await lastEvent('user.unlink')).toMatchObject({ detail: { last: true } });
	});

	it('may be a passkey', async () => {
		const user = await under.user(app, { username: 'keyholder' });
		await addKey(user.id, 'only-key');
		expect(await removePasskey('only-key')).toBe('auth/last-way-in');
		expect(await removePasskey('only-key', true)).toBe('done');
		expect(await lastEvent('user.remove-passkey')).toMatchObject({ target: `user:${user.id}` });
		expect(await removePasskey('only-key')).toBe('identity/not-found');
	});
});
