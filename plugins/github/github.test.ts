import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contractCases, emulatedBy } from '@menshen/plugin-kit/contract-suite';
import { answerAt } from '../../tests/emulators/consent';
import { alter, contextFor, type ContextOptions } from '../../tests/emulators/plugin-context';
import { client, startEmulator } from './emulator';
import plugin from './index.server';

const vendor = await startEmulator();
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

type Context = Parameters<NonNullable<typeof plugin.selfTest>>[0];
const start = { redirectUri: 'https://id.example/callback', state: 's-1', nonce: 'n-1' };
vendor.redirectUris.add(start.redirectUri);

async function signIn(
	context: Context,
	answer: 'Mei' | 'Li' | 'Cancel' = 'Mei',
	change: Record<string, unknown> = {},
) {
	const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
	const query = await answerAt(url, answer);
	return plugin.redirect?.finish({ ...start, query, kept, ...change }, context);
}
const contextWith = (options: ContextOptions = {}) => contextFor(plugin, vendor, options).context;

describe('github', () => {
	const refused = (name: string, reason: 'refused' | 'config' | 'unavailable') => ({
		name,
		arrange: () => vendor.fail(name),
		expected: { reason },
	});
	for (const { name, run } of contractCases({
		plugin: plugin,
		...emulatedBy(vendor),
		call: (_, context) => signIn(context as never),
		accept: (subject) =>
			expect(subject).toEqual({
				subject: '583231',
				scope: 'user',
				profile: {
					name: 'Mei Chen',
					avatar: 'https://avatars.githubusercontent.com/u/583231?v=4',
					email: 'mei@example.com',
					emailVerified: true,
				},
			}),
		failures: [
			refused('bad_verification_code', 'refused'),
			refused('incorrect_client_credentials', 'config'),
			refused('redirect_uri_mismatch', 'config'),
			refused('unverified_user_email', 'refused'),
			refused('401 Bad credentials', 'refused'),
			refused('403 API rate limit exceeded', 'unavailable'),
			refused('403 rate limit at the emails', 'unavailable'),
			refused('down', 'unavailable'),
		],
		secrets: ['gho_canary'],
	}))
		it(name, run);
});

describe('what is sent', () => {
	it('to GitHub’s page', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(new URL(url).pathname).toBe('/login/oauth/authorize');
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			response_type: 'code',
			client_id: client.id,
			redirect_uri: start.redirectUri,
			state: 's-1',
			scope: 'read:user user:email',
			code_challenge_method: 'S256',
			code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
		});
	});

	it('to the token endpoint and the API', async () => {
		await signIn(contextWith());
		expect(vendor.calls.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
			'POST /login/oauth/access_token',
			'GET /user',
			'GET /user/emails',
		]);
		expect(Object.fromEntries(vendor.calls[0]?.form ?? [])).toEqual({
			grant_type: 'authorization_code',
			code: expect.any(String) as string,
			redirect_uri: start.redirectUri,
			code_verifier: expect.stringMatching(/^[\w-]{43}$/) as string,
			client_id: client.id,
			client_secret: client.secret,
		});
		for (const { headers } of vendor.calls.slice(1))
			expect(Object.fromEntries(headers)).toMatchObject({
				accept: 'application/vnd.github+json',
				authorization: expect.stringMatching(/^Bearer gho_/) as string,
				'user-agent': 'menshen',
				'x-github-api-version': '2022-11-28',
			});
	});
});

describe('the person who comes back', () => {
	it.each([
		['turned back', 'Cancel', {}, 'cancelled'],
		['brings another verifier', 'Mei', { kept: 'v'.repeat(43) }, 'refused'],
		['comes back to another address', 'Mei', { redirectUri: 'https://id.example/other' }, 'config'],
		['brings a made-up code', 'Mei', { query: { code: 'made-up' } }, 'refused'],
		['finds the app suspended', 'Mei', { query: { error: 'application_suspended' } }, 'config'],
		['brings nothing', 'Mei', { query: {} }, 'refused'],
	] as const)('%s', async (_, answer, change, reason) => {
		await expect(signIn(contextWith(), answer, change)).rejects.toMatchObject({ reason });
	});

	it('a code works once', async () => {
		const context = contextWith();
		const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
		const back = { ...start, query: await answerAt(url, 'Li'), kept };
		await expect(plugin.redirect?.finish(back, context)).resolves.toMatchObject({ subject: '583232' });
		await expect(plugin.redirect?.finish(back, context)).rejects.toMatchObject({ reason: 'refused' });
	});

	it('without a verified primary mailbox: no email, and the login for a name', async () => {
		expect(await signIn(contextWith(), 'Li')).toEqual({
			subject: '583232',
			scope: 'user',
			profile: { name: 'li-wang', avatar: 'https://avatars.githubusercontent.com/u/583232?v=4' },
		});
	});

	it('without the permission to read mailboxes: no email, and the operator is told', async () => {
		vendor.fail('403 Resource not accessible by integration');
		const { context, logged } = contextFor(plugin, vendor);
		const subject = await signIn(context);
		expect(subject).toMatchObject({ subject: '583231' });
		expect(subject?.profile).not.toHaveProperty('email');
		expect(logged.join()).toMatch(/no permission to read email addresses.*403/);
	});

	it.each([{ id: 'mei' }, { id: 1.5 }, { id: 0 }, { id: undefined, user_id: 5 }, { login: '' }])(
		'a user with %j is nonsense',
		async (change) => {
			const tamper: ContextOptions['tamper'] = (reply) =>
				new TextDecoder().decode(reply.body).startsWith('{"id"') ? alter(change)(reply) : reply;
			await expect(signIn(contextWith({ tamper }))).rejects.toMatchObject({ reason: 'unavailable' });
		},
	);
});

describe('the self-test', () => {
	it('passes with a client that GitHub knows', async () => {
		await expect(plugin.selfTest?.(contextWith())).resolves.toBeUndefined();
	});

	it('names a wrong secret', async () => {
		const context = contextWith({ config: { clientSecret: 'canary-wrong' } });
		await expect(plugin.selfTest?.(context)).rejects.toMatchObject({
			reason: 'config',
			message: expect.stringMatching(/incorrect_client_credentials/) as string,
		});
	});

	it('names a client that GitHub does not know', async () => {
		const context = contextWith({ config: { clientId: 'Iv1.nobody' } });
		await expect(plugin.selfTest?.(context)).rejects.toMatchObject({ reason: 'config' });
	});
});
