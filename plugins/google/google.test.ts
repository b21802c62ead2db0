import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contractCases, emulatedBy } from '@menshen/plugin-kit/contract-suite';
import { answerAt } from '../../tests/emulators/consent';
import { forgeryNames } from '../../tests/emulators/id-tokens';
import { contextFor } from '../../tests/emulators/plugin-context';
import { client, startEmulator } from './emulator';
import plugin from './index.server';

const now = Date.UTC(2026, 0, 1);
const vendor = await startEmulator(0, { now: () => now });
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

type Context = Parameters<NonNullable<typeof plugin.selfTest>>[0];
const start = { redirectUri: 'https://id.example/callback', state: 's-1', nonce: 'n-1' };
vendor.redirectUris.add(start.redirectUri);

async function signIn(context: Context, answer = 'Mei', change: Record<string, unknown> = {}) {
	const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
	const query = await answerAt(url, answer as 'Mei');
	return plugin.redirect?.finish({ ...start, query, kept, ...change }, context);
}
const contextWith = (config = {}) => contextFor(plugin, vendor, { now: () => now, config }).context;

describe('google', () => {
	const refused = (name: string, reason: 'refused' | 'config' | 'unavailable') => ({
		name,
		arrange: () => vendor.fail(name),
		expected: { reason },
	});
	for (const { name, run } of contractCases({
		plugin: plugin,
		...emulatedBy(vendor),
		refused: { 'a domain that is an address': { ...vendor.config, hostedDomain: 'https://acme.example' } },
		call: (_, context) => signIn(context as never),
		accept: (subject) =>
			expect(subject).toEqual({
				subject: '110169484474386276334',
				scope: 'https://accounts.google.com',
				profile: {
					name: 'Mei Chen',
					avatar: 'https://lh3.googleusercontent.com/a/mei',
					email: 'mei.chen@gmail.com',
					emailVerified: true,
				},
			}),
		failures: [
			...forgeryNames.map((name) => refused(name, 'refused')),
			refused('invalid_grant Bad Request', 'refused'),
			refused('invalid_client Unauthorized', 'config'),
			refused('deleted_client', 'config'),
			refused('redirect_uri_mismatch', 'config'),
			refused('internal_failure', 'unavailable'),
			refused('down', 'unavailable'),
		],
		secrets: ['ya29.canary'],
	}))
		it(name, run);
});

describe('what is sent', () => {
	it('to Google’s page', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith({ hostedDomain: 'Acme.example' }))) ?? {
			url: '',
		};
		const { searchParams, pathname } = new URL(url);
		expect(pathname).toBe('/o/oauth2/v2/auth');
		expect(Object.fromEntries(searchParams)).toEqual({
			response_type: 'code',
			client_id: client.id,
			redirect_uri: start.redirectUri,
			state: 's-1',
			nonce: 'n-1',
			scope: 'openid profile email',
			code_challenge_method: 'S256',
			code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
			hd: 'acme.example',
		});
	});

	it('to the token endpoint', async () => {
		await signIn(contextWith());
		const sent = vendor.calls.find(({ url }) => url.pathname === '/token');
		expect(Object.fromEntries(sent?.form ?? [])).toEqual({
			grant_type: 'authorization_code',
			code: expect.stringMatching(/^4\/0A/) as string,
			redirect_uri: start.redirectUri,
			code_verifier: expect.stringMatching(/^[\w-]{43}$/) as string,
			client_id: client.id,
			client_secret: client.secret,
		});
	});
});

describe('the person who comes back', () => {
	it.each([
		['turned back', 'Cancel', {}, 'cancelled'],
		['brings another verifier', 'Mei', { kept: 'v'.repeat(43) }, 'refused'],
		['comes back to another address', 'Mei', { redirectUri: 'https://id.example/other' }, 'config'],
		['began in another sign-in', 'Mei', { nonce: 'n-2' }, 'refused'],
		['brings a made-up code', 'Mei', { query: { code: '4/0Amade-up' } }, 'refused'],
		['is not let in by their administrator', 'Mei', { query: { error: 'admin_policy_enforced' } }, 'refused'],
		['brings nothing', 'Mei', { query: {} }, 'refused'],
	])('%s', async (_, answer, change, reason) => {
		await expect(signIn(contextWith(), answer, change)).rejects.toMatchObject({ reason });
	});

	it('a code works once', async () => {
		const context = contextWith();
		const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
		const back = { ...start, query: await answerAt(url, 'Li'), kept };
		await expect(plugin.redirect?.finish(back, context)).resolves.toMatchObject({
			scope: 'https://accounts.google.com',
		});
		await expect(plugin.redirect?.finish(back, context)).rejects.toMatchObject({ reason: 'refused' });
	});

	it.each([
		['Li', { email: 'li@acme.example', emailVerified: true }],
		['Elsewhere', { email: 'someone@mail.example', emailVerified: false }],
	])('Google vouches for mailboxes of its own: %s', async (person, profile) => {
		expect(await signIn(contextWith(), person)).toMatchObject({ profile });
	});

	it('only the organisation, where the operator says so', async () => {
		const context = contextWith({ hostedDomain: 'acme.example' });
		await expect(signIn(context, 'Li')).resolves.toMatchObject({ subject: '110169484474386276335' });
		await expect(signIn(context, 'Mei')).rejects.toMatchObject({ reason: 'refused' });
		await expect(signIn(contextWith({ hostedDomain: 'cme.example' }), 'Li')).rejects.toMatchObject({
			reason: 'refused',
		});
	});
});

describe('the self-test', () => {
	it('passes with a client that Google knows', async () => {
		await expect(plugin.selfTest?.(contextWith())).resolves.toBeUndefined();
	});

	it.each([{ clientId: 'nobody.apps.googleusercontent.com' }, { clientSecret: 'canary-wrong' }])(
		'names %j',
		async (config) => {
			await expect(plugin.selfTest?.(contextWith(config))).rejects.toMatchObject({ reason: 'config' });
		},
	);
});
