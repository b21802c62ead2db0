/** What is for owners: an operator who asks at the console sees it, is told so, and changes nothing. */
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

const pages = [
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
	it('tells an operator that it is for owners, and offers nothing to send', async () => {
		const seen = await page(path, operator);
		expect(seen).toContain(told);
		expect(seen).toMatch(/<fieldset disabled/);
		expect(seen).not.toContain('action="?/save"');
	});

	it('takes nothing from an operator who sends it all the same', async () => {
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
