/** C13, C05: a password recovered by text message: the code works once, for its number, at its app, for five tries in all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneApp, password, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post } from './wire';

const phoneOf = (index: number) => `+861370000000${index}`;
const people = Array.from(
	{ length: 8 },
	(_, index) =>
		`      - { username: person${index}, phone: '${phoneOf(index)}', phoneVerified: ${index !== 7}, password: ${password} }\n`,
).join('');
const lines = connectorsLine({}, ['sms']);
let target: Target;
beforeAll(async () => {
	target = await startTarget({
		apply: `${oneApp}${people}${lines}  - id: 5
    name: Other
    users:
      - { username: person0, phone: '${phoneOf(0)}', phoneVerified: true, password: ${password} }
${lines}`,
	});
});
afterAll(() => target.stop());

const good = 'another-good-one';
const reset = (identifier: string, code: string, newPassword = good, app = 4) =>
	target.api('auth.resetPassword', { input: { identifier, code, newPassword }, app });
const byPage = (identifier: string, code: string, newPassword = good) =>
	post(
		target.at,
		'/apps/4/recover',
		{ identifier, code, newPassword },
		{ host: new URL(target.origin).host, origin: target.origin },
	);
const signsIn = async (identifier: string, secret: string, app = 4) =>
	(await target.api('auth.signIn', { input: { identifier, password: secret }, app })).status === 200;
async function codeFor(index: number, spelling = phoneOf(index)): Promise<string> {
	const got = await target.api('auth.sendCode', { input: { purpose: 'recover', identifier: spelling } });
	expect(got.status).toBe(200);
	const text = (await target.mails()).find(
		({ to, purpose }) => to === phoneOf(index) && purpose === 'recover',
	);
	return text?.content.params.code ?? '';
}

describe('C13: by phone', () => {
	it('a code is valid once, for its own number, in its own app, and signs no one in by itself', async () => {
		const code = await codeFor(0, '137 0000 0000');
		expect(code).toMatch(/^\d{6}$/);
		expect((await reset(phoneOf(0), code, good, 5)).code).toBe('auth/code-invalid');
		expect((await reset(phoneOf(1), code)).code).toBe('auth/code-invalid');
		expect((await reset('person0', code)).code, 'asked for by number, proven by number').toBe(
			'auth/code-invalid',
		);
		const session = await target.signIn('person0');
		const done = await byPage(phoneOf(0), code);
		expect(done.status).toBe(303);
		expect(done.cookies.some((line) => /^menshen-4=\w/.test(line))).toBe(false);
		expect(
			(await target.api('me.get', { headers: { cookie: session } })).status,
			'signed out everywhere',
		).toBe(401);
		expect((await reset(phoneOf(0), code, 'third-good-one')).code).toBe('auth/code-invalid');
		expect([
			await signsIn('person0', password),
			await signsIn('person0', good),
			await signsIn('person0', password, 5),
		]).toEqual([false, true, true]);
	});

	it('five wrong codes void the right one, wherever they were sent', async () => {
		const code = await codeFor(1);
		const wrong = code === '111111' ? '222222' : '111111';
		for (let tries = 0; tries < 5; tries++)
			expect((tries % 2 ? await reset(phoneOf(1), wrong) : await byPage(phoneOf(1), wrong)).status).toBe(400);
		expect((await reset(phoneOf(1), code)).code).toBe('auth/code-invalid');
		expect((await byPage(phoneOf(1), code)).status).toBe(400);
		expect(await signsIn('person1', password)).toBe(true);
	});

	it('many wrong ones at once are worth five, and the right one at once with itself one', async () => {
		const code = await codeFor(2);
		const wrong = Array.from({ length: 24 }, (_, index) =>
			String((Number(code) + 1 + index) % 1_000_000).padStart(6, '0'),
		);
		const got = await Promise.all([...wrong, code].map((typed) => reset(phoneOf(2), typed)));
		expect(got.filter(({ status }) => status === 200)).toEqual([]);
		const own = await codeFor(3);
		const wins = await Promise.all(
			Array.from({ length: 5 }, (_, index) => reset(phoneOf(3), own, `winning-password-${index}`)),
		);
		expect(wins.filter(({ status }) => status === 200)).toHaveLength(1);
		const winner = wins.findIndex(({ status }) => status === 200);
		expect(await signsIn('person3', `winning-password-${winner}`)).toBe(true);
	});

	it('an unproven number gets no code, and is answered as every other', async () => {
		expect(await codeFor(7)).toBe('');
		const nobody = await target.api('auth.sendCode', {
			input: { purpose: 'recover', identifier: '+8613711111111' },
		});
		expect(nobody.status).toBe(200);
		expect((await target.mails()).filter(({ to }) => to === '+8613711111111')).toEqual([]);
	});

	it('a text message carries no address that the request could have written', async () => {
		const got = await post(
			target.at,
			'/apps/4/recover',
			{ identifier: phoneOf(4) },
			{ host: new URL(target.origin).host, origin: target.origin, 'x-forwarded-host': 'evil.example' },
		);
		expect(got.status).toBe(303);
		const text = (await target.mails()).find(({ to }) => to === phoneOf(4));
		expect(JSON.stringify(text)).not.toMatch(/evil\.example|https?:/);
	});

	it('a refused password costs no try', async () => {
		const code = await codeFor(5);
		for (let tries = 0; tries < 6; tries++)
			expect((await reset(phoneOf(5), code, 'short')).code).toBe('password/too-short');
		expect((await reset(phoneOf(5), code)).status).toBe(200);
	});
});
