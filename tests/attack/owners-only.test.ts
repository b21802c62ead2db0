/**
 * Pages for owners: an operator who opens them sees them, is told that they are for owners, and changes nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTarget, type Target } from './target';
import { cookieHeader, post, send } from './wire';

let target: Target;
let operator: Record<string, string>;
let owner: Record<string, string>;
const told = 'Only owners can change how the appliance sends messages';

beforeAll(async () => {
	target = await startTarget();
	const own = { host: new URL(target.origin).host, origin: target.origin };
	owner = { ...own, cookie: await target.owner() };
	const account = { email: 'helper@example.com', password: 'a-long-owner-secret' };
	await target.api('admin.operators.add', { input: { ...account, role: 'operator' }, headers: owner });
	const signedIn = await post(target.at, '/admin/sign-in', account, own);
	operator = { ...own, cookie: cookieHeader(signedIn) };
});
afterAll(() => target.stop());

const page = async (path: string, headers: Record<string, string>) =>
	(await send(target.at, { path, headers: { ...headers, accept: 'text/html' } })).body;

const pages: { path: string; fields: Record<string, string>; planted: string }[] = [
	{
		path: '/admin/settings',
		fields: { email: 'smtp', sms: '', alertEmail: 'thief@example.com' },
		planted: 'thief@example.com',
	},
	{
		path: '/admin/plugins/smtp',
		fields: { 'config.host': 'mail.thief.example', 'config.from': 'id@thief.example' },
		planted: 'mail.thief.example',
	},
];

describe.each(pages)('$path', ({ path, fields, planted }) => {
	it('shows an operator that it is for owners, and offers nothing to send', async () => {
		const seen = await page(path, operator);
		expect(seen).toContain(told);
		expect(seen).toMatch(/<fieldset disabled/);
		expect(seen).not.toContain('action="?/save"');
	});

	it('refuses an operator who sends it all the same', async () => {
		const got = await post(target.at, `${path}?/save`, fields, operator);
		expect(got.status).toBe(403);
		expect(await page(path, owner)).not.toContain(planted);
	});

	it('is the owner’s to change', async () => {
		const seen = await page(path, owner);
		expect(seen).not.toContain(told);
		expect(seen).toContain('action="?/save"');
	});
});

it('an owner’s change arrives', async () => {
	const [, smtp] = pages;
	if (!smtp) throw new Error('no pages');
	expect((await post(target.at, `${smtp.path}?/save`, smtp.fields, owner)).status).toBe(200);
	expect(await page(smtp.path, owner)).toContain(smtp.planted);
});

it('an owner’s own password can only be changed by an owner who knows it: an open console is not enough', async () => {
	const email = 'owner@example.com';
	const newPassword = 'a-password-of-the-thief';
	const byApi = await target.api('admin.operators.resetPassword', {
		input: { email, newPassword },
		app: null,
		headers: owner,
	});
	expect([byApi.status, byApi.code]).toEqual([403, 'auth/forbidden']);
	expect((await post(target.at, '/admin/operators?/password', { email, newPassword }, owner)).status).toBe(
		403,
	);
	const fields = { password: 'guessed-wrongly-42', newPassword };
	expect((await post(target.at, '/admin/password', fields, owner)).status).toBe(401);
	const listed = await target.api('admin.audit.list', {
		input: { action: 'operator.change-password', limit: 10 },
		app: null,
		headers: owner,
	});
	const { events } = listed.data as { events: { outcome: string }[] };
	expect(events.map(({ outcome }) => outcome)).toEqual(['refused']);
	expect(listed.body).not.toContain('guessed-wrongly');
	expect((await target.api('admin.apps.list', { app: null, headers: owner })).status).toBe(200);
});

it('a user’s present password, asked for and typed wrongly, is written down each time', async () => {
	const cookie = await target.signIn('alice');
	const wrong = { password: 'guessed-wrongly-42', newPassword: 'a-password-of-the-thief' };
	const got = await target.api('me.changePassword', { input: wrong, headers: { cookie } });
	expect(got.code).toBe('auth/invalid-credentials');
	await post(target.at, '/apps/4/account/security?/changePassword', wrong, {
		host: new URL(target.origin).host,
		origin: target.origin,
		cookie,
	});
	const input = { action: 'user.prove', limit: 10 };
	const listed = await target.api('admin.audit.list', { input, headers: owner });
	const { events } = listed.data as { events: { outcome: string; target: string }[] };
	expect(events.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
	expect(new Set(events.map(({ target: whom }) => whom)).size).toBe(1);
	expect(listed.body).not.toContain('guessed-wrongly');
});
