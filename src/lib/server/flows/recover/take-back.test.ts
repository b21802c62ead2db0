/**
 * A person who proves an address by recovery does not share the account with anyone who entered that address
 * before.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
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
import type { PersonKey } from '../../../../../tests/emulators/wechat-cast';
import { createClient } from '../clients/manage-clients';
import { enterExternal } from '../external/enter-external';
import { linkExternal } from '../external/link-external';
import { redeemTicket } from '../external/redeem-ticket';
import { openMessage } from '../messages/queue-message';
import type { AppServices } from '../services';
import { submitSignIn } from '../sign-in/submit-sign-in';
import { completeRecovery, requestRecovery } from './recover';

let vendor: AppEmulator;
let under: ApplianceUnderTest;
let app: AppServices;
const newPassword = 'the-owners-own-secret';

beforeAll(async () => {
	vendor = await startEmulator();
	const vendors = { 'wechat-app': vendor };
	under = await applianceUnderTest(endpointsEnv(vendors));
	app = await under.app();
	await enableVendors(app, vendors);
	await app.plugins.save('sms', { enabled: true });
});
afterAll(async () => {
	await under.close();
	await vendor.close();
});

const arrive = (person: PersonKey) =>
	redeemTicket(app, { connector: 'wechat-app', ticket: vendor.approve(person) }, visitor());

let count = 0;
/** An account with an address, and every way in that can be added to it without proving the address. */
async function accountWithEverything(person: PersonKey, emailVerified: boolean) {
	const name = `maker${++count}`;
	const [email, phone] = [`${name}@example.com`, `+86137${String(40_000_000 + count)}`];
	const user = await under.user(app, {
		...{ username: name, email, emailVerified, phone, phoneVerified: true, password: goodPassword },
	});
	await linkExternal(app, { session: await sessionOf(app, user), arrived: await arrive(person) }, visitor());
	const passkey = { id: `key-${name}`, userId: user.id, connector: 'passkey', stored: '{}', name: 'Phone' };
	await app.store.write((tx) => tx.passkeys.create({ ...passkey, createdAt: 1 }));
	return { user, name, email, phone };
}

async function waysInto(userId: string) {
	const { identities, passkeys, users } = app.store.read;
	const linked = (await identities.listOfUser(userId)).map(({ connector }) => connector);
	const keys = (await passkeys.listOfUser(userId)).length;
	return { linked, keys, phone: (await users.findById(userId))?.phone ?? null };
}
async function mailTo(address: string) {
	await settledMessages(app);
	const messages = await app.store.read.messages.list({ limit: 200 });
	return messages.flatMap((message) => {
		const opened = openMessage(app, message);
		return opened?.to === address ? [{ purpose: message.purpose, text: opened.content.text }] : [];
	});
}
async function recover(identifier: string, mailbox: string, language: 'en' | 'zh-CN' = 'en') {
	const who = { ...visitor(), locale: language };
	await requestRecovery(app, { identifier }, who);
	const code = await under.codeFor(app, mailbox);
	await completeRecovery(app, { proof: { identifier, code }, newPassword }, who);
}

describe('an unproven address', () => {
	it('is proven by recovery, and the person who entered it before can no longer sign in', async () => {
		const { user, email, phone } = await accountWithEverything('mei', false);
		expect(signedInBy(await enterExternal(app, await arrive('mei'), visitor())).user.id).toBe(user.id);
		await recover(email, email);
		expect(await waysInto(user.id)).toEqual({ linked: [], keys: 0, phone: null });
		expect((await enterExternal(app, await arrive('mei'), visitor())).status).toBe('ask');
		expect(await app.store.read.users.findByIdentifier('phone', phone)).toBeUndefined();
		const own = await submitSignIn(app, { identifier: email, password: newPassword }, visitor());
		expect(own.user).toMatchObject({ id: user.id, emailVerified: true, phoneVerified: false });
	});

	it('brings an audit entry with what was removed, and a mail that it was', async () => {
		const { user, email } = await accountWithEverything('mei', false);
		await recover(email, email);
		const [event] = await app.store.read.audit.list({
			action: 'user.recover',
			target: `user:${user.id}`,
			limit: 1,
		});
		expect(event?.detail).toEqual({ removed: ['wechat-app', 'passkey', 'phone'] });
		const notice = (await mailTo(email)).find(({ purpose }) => purpose === 'account-taken-back');
		expect(notice?.text).toContain('passkeys, the phone number');
	});

	it.each(['en', 'zh-CN'] as const)('is mailed the account’s name first (%s)', async (language) => {
		const name = `named${++count}`;
		const email = `owner${count}@example.com`;
		await under.user(app, { username: name, email, password: goodPassword });
		await recover(name, email, language);
		const mails = await mailTo(email);
		expect(mails.find(({ purpose }) => purpose === 'recover')?.text).toMatch(new RegExp(`[“]${name}[”]`));
		// Nothing had been added, so there is nothing to report.
		expect(mails.map(({ purpose }) => purpose)).toContain('password-changed');
	});

	it('loses the consents given to other applications', async () => {
		const email = `granter${++count}@example.com`;
		const user = await under.user(app, { username: `granter${count}`, email, password: goodPassword });
		const client = { id: 'shop', name: 'Shop', redirectUris: ['https://shop.example/cb'] };
		await createClient(app, { settings: client, actor: system }, visitor());
		const consent = { userId: user.id, clientId: 'shop', grantId: 'g', scopes: ['openid'], updatedAt: 1 };
		await app.store.write((tx) => tx.consents.save(consent));
		await recover(email, email);
		expect(await app.store.read.consents.listOfUser(user.id)).toEqual([]);
	});
});

describe('an address that was proven before', () => {
	it('keeps every way in: a password can be forgotten without losing the rest', async () => {
		const { user, name, email, phone } = await accountWithEverything('mei', true);
		await recover(email, email);
		expect(await waysInto(user.id)).toEqual({ linked: ['wechat-app'], keys: 1, phone });
		const mails = await mailTo(email);
		expect(mails.map(({ purpose }) => purpose)).not.toContain('account-taken-back');
		expect(mails.find(({ purpose }) => purpose === 'recover')?.text).not.toContain(`“${name}”`);
	});

	it('keeps every way in also when a phone is proven by recovery', async () => {
		const { user, phone } = await accountWithEverything('li', false);
		await requestRecovery(app, { identifier: phone }, visitor());
		await settledMessages(app);
		const code = await under.codeFor(app, phone);
		await completeRecovery(app, { proof: { identifier: phone, code }, newPassword }, visitor());
		expect(await waysInto(user.id)).toEqual({ linked: ['wechat-app'], keys: 1, phone });
		expect(await refusalOf(enterExternal(app, await arrive('li'), visitor()))).toBe('done');
	});
});
