import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contractCases, emulatedBy } from '@menshen/plugin-kit/contract-suite';
import { answerAt } from '../../tests/emulators/consent';
import { alter, contextFor, type ContextOptions } from '../../tests/emulators/plugin-context';
import { app, startEmulator } from './emulator';
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
	const { url } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
	const query = await answerAt(url, answer);
	return plugin.redirect?.finish({ ...start, query, kept: '', ...change }, context);
}
const contextWith = (options: ContextOptions = {}) => contextFor(plugin, vendor, options).context;

describe('facebook', () => {
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
				subject: '10150000000000001',
				scope: `app:${app.id}`,
				profile: {
					name: 'Mei Chen',
					avatar: 'https://platform-lookaside.fbsbx.com/mei.jpg',
					email: 'mei@example.com',
					emailVerified: false,
				},
			}),
		failures: [
			refused('1 Error validating client secret', 'config'),
			refused('1 unknown error', 'unavailable'),
			refused('2 service temporarily unavailable', 'unavailable'),
			refused('4 application request limit reached', 'unavailable'),
			refused('100/36007 code has expired', 'refused'),
			refused('100/36008 another redirect_uri', 'config'),
			refused('100/36009 code has been used', 'refused'),
			refused('101 invalid application ID', 'config'),
			refused('190 invalid access token', 'refused'),
			refused('191 redirect_uri is not allowed', 'config'),
			refused('200 permissions error', 'config'),
			refused('100 invalid appsecret_proof', 'config'),
			refused('down', 'unavailable'),
		],
		secrets: ['EAAcanary'],
	}))
		it(name, run);
});

describe('what is sent', () => {
	it('to the dialog', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(new URL(url).pathname).toBe('/v24.0/dialog/oauth');
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			response_type: 'code',
			client_id: app.id,
			redirect_uri: start.redirectUri,
			state: 's-1',
			scope: 'public_profile email',
		});
	});

	it('to the Graph API, each call with the proof that it is the app’s own', async () => {
		await signIn(contextWith());
		const [token, me] = vendor.calls.map(({ url }) => url);
		expect(Object.fromEntries(token?.searchParams ?? [])).toEqual({
			client_id: app.id,
			client_secret: app.secret,
			redirect_uri: start.redirectUri,
			code: expect.stringMatching(/^AQ/) as string,
		});
		expect(Object.fromEntries(me?.searchParams ?? [])).toEqual({
			fields: 'id,name,email,picture.type(large)',
			access_token: expect.stringMatching(/^EAAcanary/) as string,
			appsecret_proof: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
		});
	});
});

describe('the person who comes back', () => {
	it.each([
		['turned back', 'Cancel', {}, 'cancelled'],
		['comes back to another address', 'Mei', { redirectUri: 'https://id.example/other' }, 'config'],
		['brings a made-up code', 'Mei', { query: { code: 'made-up' } }, 'refused'],
		['brings nothing', 'Mei', { query: {} }, 'refused'],
		[
			'meets wrong settings in the dialog',
			'Mei',
			{ query: { error_code: '1349187', error_message: 'x' } },
			'config',
		],
	] as const)('%s', async (_, answer, change, reason) => {
		await expect(signIn(contextWith(), answer, change)).rejects.toMatchObject({ reason });
	});

	it('a code works once', async () => {
		const context = contextWith();
		const { url } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
		const back = { ...start, query: await answerAt(url, 'Li'), kept: '' };
		await expect(plugin.redirect?.finish(back, context)).resolves.toEqual({
			subject: '10150000000000002',
			scope: `app:${app.id}`,
			profile: { name: '王力' },
		});
		await expect(plugin.redirect?.finish(back, context)).rejects.toMatchObject({
			reason: 'refused',
			message: '/oauth/access_token answered error 100/36009',
		});
	});

	it.each([{ id: 5 }, { id: 'mei' }, { id: '' }, { id: undefined }])(
		'a person with %j is nonsense',
		async (change) => {
			const tamper: ContextOptions['tamper'] = (reply) =>
				new TextDecoder().decode(reply.body).startsWith('{"id"') ? alter(change)(reply) : reply;
			await expect(signIn(contextWith({ tamper }))).rejects.toMatchObject({ reason: 'unavailable' });
		},
	);
});

describe('the self-test', () => {
	it('passes with an app that Facebook knows', async () => {
		await expect(plugin.selfTest?.(contextWith())).resolves.toBeUndefined();
	});

	it.each([
		[{ appSecret: 'canary-wrong' }, /error 1$/],
		[{ appId: '1' }, /error 101$/],
	])('names %j', async (config, message) => {
		await expect(plugin.selfTest?.(contextWith({ config }))).rejects.toMatchObject({
			reason: 'config',
			message: expect.stringMatching(message) as string,
		});
	});
});
