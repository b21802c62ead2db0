/** C13, C05: a mailed code works once, for its user, in the app that it was asked for in, and for a short time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneApp, password, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { cookieHeader, post } from './wire';

const people = Array.from(
	{ length: 8 },
	(_, index) =>
		`      - { username: person${index}, email: person${index}@example.com, emailVerified: true, password: ${password} }\n`,
).join('');
/** An account made by a person who entered another person's address, and proved a phone of their own. */
const hijacker = `      - { username: hijacker, email: victim@example.com, phone: '+8613700000077', phoneVerified: true, password: ${password} }\n`;
const apply = `${oneApp}${people}${hijacker}${connectorsLine({}, ['sms'])}  - id: 5
    name: Other
    users:
      - { username: person0, email: person0@example.com, emailVerified: true, password: ${password} }
`;
let target: Target;
let own: Record<string, string>;
beforeAll(async () => {
	target = await startTarget({ apply });
	own = { host: new URL(target.origin).host, origin: target.origin };
});
afterAll(() => target.stop());

const reset = (proof: object, newPassword: string, app = 4) =>
	target.api('auth.resetPassword', { input: { ...proof, newPassword }, app });
const signsIn = async (identifier: string, secret: string, app = 4) =>
	(await target.api('auth.signIn', { input: { identifier, password: secret }, app })).status === 200;
async function mailFor(name: string, app = 4): Promise<{ code: string; token: string }> {
	expect(
		(await target.api('auth.sendCode', { input: { purpose: 'recover', identifier: name }, app })).status,
	).toBe(200);
	const mail = (await target.mails(app)).find(
		({ to, purpose }) => to === `${name}@example.com` && purpose === 'recover',
	);
	return {
		code: mail?.content.params.code ?? '',
		token: /\?token=([\w-]+)/.exec(mail?.content.text ?? '')?.[1] ?? '',
	};
}

describe('C13', () => {
	it('a code is good once, and its link dies with it', async () => {
		const { code, token } = await mailFor('person0');
		expect([code.length, token.length >= 43]).toEqual([6, true]);
		expect((await reset({ identifier: 'person0', code }, 'another-good-one', 5)).code).toBe(
			'auth/code-invalid',
		);
		expect((await reset({ identifier: 'person1', code }, 'another-good-one')).code).toBe('auth/code-invalid');
		expect((await reset({ identifier: 'person0', code }, 'another-good-one')).status).toBe(200);
		for (const proof of [{ identifier: 'person0', code }, { token }])
			expect((await reset(proof, 'third-good-one')).code).toBe('auth/code-invalid');
		expect([
			await signsIn('person0', password),
			await signsIn('person0', 'another-good-one'),
			await signsIn('person0', password, 5),
		]).toEqual([false, true, true]);
	});

	it('a link is good once, opened any number of times before, at its own app only', async () => {
		const { code, token } = await mailFor('person1');
		for (let times = 0; times < 3; times++)
			expect((await fetch(`${target.origin}/apps/4/recover?token=${token}`)).status).toBe(200);
		expect((await reset({ token }, 'another-good-one', 5)).code).toBe('auth/code-invalid');
		expect((await reset({ token: `${token}x` }, 'another-good-one')).code).toBe('auth/code-invalid');
		const done = await post(
			target.at,
			`/apps/4/recover?token=${token}`,
			{ newPassword: 'another-good-one' },
			own,
		);
		expect(done.status).toBe(303);
		expect(
			done.cookies.some((line) => line.startsWith('menshen-4=') && !/menshen-4=;/.test(line)),
			'recovery alone signs no one in',
		).toBe(false);
		for (const proof of [{ identifier: 'person1', code }, { token }])
			expect((await reset(proof, 'third-good-one')).code).toBe('auth/code-invalid');
		expect(await signsIn('person1', 'another-good-one')).toBe(true);
	});

	it('many at once: one wins', async () => {
		const { code } = await mailFor('person2');
		const answers = await Promise.all(
			Array.from({ length: 12 }, (_, index) =>
				reset({ identifier: 'person2', code }, `winning-password-${index}`),
			),
		);
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		const winner = answers.findIndex(({ status }) => status === 200);
		expect(await signsIn('person2', `winning-password-${winner}`)).toBe(true);
	});

	it('five wrong codes void the right one, wherever they were sent', async () => {
		const { code } = await mailFor('person3');
		const wrong = code === '111111' ? '222222' : '111111';
		for (let tries = 0; tries < 3; tries++)
			await reset({ identifier: 'person3', code: wrong }, 'another-good-one');
		for (let tries = 0; tries < 2; tries++)
			await post(
				target.at,
				'/apps/4/recover',
				{ identifier: 'person3', code: wrong, newPassword: 'another-good-one' },
				own,
			);
		expect((await reset({ identifier: 'person3', code }, 'another-good-one')).code).toBe('auth/code-invalid');
		expect(await signsIn('person3', password)).toBe(true);
	});

	it('a newer mail takes the place of the older one, and changing the password ends both', async () => {
		const { code, token } = await mailFor('person4');
		const headers = { cookie: await target.signIn('person4') };
		expect(
			(
				await target.api('me.changePassword', {
					input: { password, newPassword: 'another-good-one' },
					headers,
				})
			).status,
		).toBe(200);
		const late = [
			await reset({ identifier: 'person4', code }, 'third-good-one'),
			await reset({ token }, 'third-good-one'),
		];
		expect(late.map((got) => got.code)).toEqual(['auth/code-invalid', 'auth/code-invalid']);
	});

	it('every browser that is signed in as the person is signed out afterwards', async () => {
		const headers = { cookie: await target.signIn('person5') };
		const { token } = await mailFor('person5');
		expect((await reset({ token }, 'another-good-one')).status).toBe(200);
		expect((await target.api('me.get', { headers })).status).toBe(401);
	});
});

const codeFor = async (name: string): Promise<string> =>
	(await target.mails()).find(({ to, purpose }) => to === `${name}@example.com` && purpose === 'recover')
		?.content.params.code ?? '';
async function guessInVain(identifier: string, code: string): Promise<void> {
	const wrong = code === '111111' ? '222222' : '111111';
	for (let tries = 0; tries < 6; tries++)
		expect((await reset({ identifier, code: wrong }, 'of-a-stranger')).code).toBe('auth/code-invalid');
	expect((await reset({ identifier, code }, 'of-a-stranger')).code).toBe('auth/code-invalid');
}

describe('strangers who know the address', () => {
	it('cannot void the code of the person who asked on the page', async () => {
		const asked = await post(target.at, '/apps/4/recover', { identifier: 'person6' }, own);
		expect(asked.status).toBe(303);
		const code = await codeFor('person6');
		await guessInVain('person6', code);
		const typed = { identifier: 'person6', code, newPassword: 'another-good-one' };
		expect((await post(target.at, '/apps/4/recover', typed, own)).status, 'another browser').toBe(400);
		const mine = { ...own, cookie: cookieHeader(asked) };
		expect((await post(target.at, '/apps/4/recover', typed, mine)).status).toBe(303);
		expect(await signsIn('person6', 'another-good-one')).toBe(true);
	});

	it('cannot void the code of a person who asked through the API', async () => {
		const input = { purpose: 'recover', identifier: 'person7' };
		const { verification } = (await target.api('auth.sendCode', { input })).data as { verification: string };
		const code = await codeFor('person7');
		await guessInVain('person7', code);
		expect((await reset({ identifier: 'person7', code, verification }, 'another-good-one')).status).toBe(200);
	});

	it('who made an account with it are locked out once its owner recovered it, also by their own phone', async () => {
		const identifier = 'victim@example.com';
		const input = { purpose: 'recover', identifier };
		expect((await target.api('auth.sendCode', { input })).status).toBe(200);
		expect((await reset({ identifier, code: await codeFor('victim') }, 'the-owners-own')).status).toBe(200);
		const to = '+8613700000077';
		const sent = await target.api('auth.sendCode', { input: { purpose: 'sign-in', connector: 'sms', to } });
		const code = (await target.mails()).find((mail) => mail.to === to)?.content.params.code;
		const { verification } = sent.data as { verification: string };
		const theirs = await target.api('auth.signInWithCode', { input: { verification, code } });
		expect(theirs.body).not.toContain('hijacker');
		const mine = await target.api('auth.signIn', { input: { identifier, password: 'the-owners-own' } });
		expect(mine.body).toContain('"username":"hijacker"');
		expect(mine.body).toContain('"phone":null');
	});
});
