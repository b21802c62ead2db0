import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contractCases, emulatedBy } from '@menshen/plugin-kit/contract-suite';
import { answerAt } from '../../tests/emulators/consent';
import { forgeryNames } from '../../tests/emulators/id-tokens';
import { alter, contextFor } from '../../tests/emulators/plugin-context';
import { hostUnderTest, refusalOf } from '../../src/lib/server/plugins/host-under-test';
import { client, startEmulator } from './emulator';
import plugin from './index.server';

const now = Date.UTC(2026, 0, 1);
const vendor = await startEmulator(0, { now: () => now });
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

type Context = Parameters<NonNullable<typeof plugin.selfTest>>[0];
const start = { redirectUri: 'https://id.example/callback', state: 's-1', nonce: 'n-1' };
vendor.redirectUris.add(start.redirectUri);

/** Leaves, answers at the vendor, and comes back; `change` alters the answer in the browser. */
async function signIn(context: Context, { answer = 'Mei', change = {} } = {}) {
	const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
	const query = await answerAt(url, answer as 'Mei');
	return plugin.redirect?.finish({ ...start, query, kept, ...change }, context);
}
const call = (_: unknown, context: object) => signIn(context as Context);
const contextWith = (config = {}, tamper?: Parameters<typeof contextFor>[2]) =>
	contextFor(plugin, vendor, { now: () => now, config, ...tamper }).context;

describe('oidc', () => {
	const refused = (name: string, reason: 'refused' | 'config' | 'unavailable') => ({
		name,
		arrange: () => vendor.fail(name),
		expected: { reason },
	});
	for (const { name, run } of contractCases({
		plugin: plugin,
		...emulatedBy(vendor),
		refused: {
			'a secret for a public client': { ...vendor.config, clientAuth: 'none' },
			'no secret for a confidential one': { ...vendor.config, clientSecret: undefined },
			'an issuer with a query': { ...vendor.config, issuer: 'https://id.example/?a=b' },
			'an issuer that is not an address': { ...vendor.config, issuer: 'id.example' },
		},
		call,
		accept: (subject) =>
			expect(subject).toEqual({
				subject: '248289761001',
				scope: `${vendor.url}/tenant`,
				profile: { name: 'Mei Chen', email: 'mei@example.com', emailVerified: true },
			}),
		failures: [
			...forgeryNames.map((name) => refused(name, 'refused')),
			refused('invalid_grant', 'refused'),
			refused('invalid_client', 'config'),
			refused('unauthorized_client', 'config'),
			refused('temporarily_unavailable', 'unavailable'),
			refused('down', 'unavailable'),
		],
		secrets: ['canary-access'],
	}))
		it(name, run);
});

describe('what is sent', () => {
	it('the browser leaves with everything the specification asks for', async () => {
		const { url, kept } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		const { origin, pathname, searchParams } = new URL(url);
		expect(origin + pathname).toBe(`${vendor.url}/authorize`);
		expect(Object.fromEntries(searchParams)).toEqual({
			response_type: 'code',
			client_id: client.id,
			redirect_uri: start.redirectUri,
			state: 's-1',
			nonce: 'n-1',
			scope: 'openid profile email',
			code_challenge_method: 'S256',
			code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
		});
		expect(url).not.toContain(String(kept));
	});

	it.each([
		['basic', { authorization: true, clientId: null, secret: null }],
		['post', { authorization: false, clientId: client.id, secret: client.secret }],
		['none', { authorization: false, clientId: client.id, secret: null }],
	] as const)('the client shows itself by %s', async (clientAuth, expected) => {
		const clientSecret = clientAuth === 'none' ? undefined : client.secret;
		await signIn(contextWith({ clientAuth, clientSecret }));
		const token = vendor.calls.find(({ url }) => url.pathname === '/oauth2/token');
		expect({
			authorization: token?.headers.get('authorization')?.startsWith('Basic ') ?? false,
			clientId: token?.form.get('client_id'),
			secret: token?.form.get('client_secret'),
		}).toEqual(expected);
		expect(token?.form.get('redirect_uri')).toBe(start.redirectUri);
		expect(token?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/);
	});

	it('discovery and keys are asked for once, not at each sign-in', async () => {
		await signIn(contextWith());
		vendor.reset();
		await signIn(contextWith());
		expect(vendor.calls.map(({ url }) => url.pathname)).toEqual(['/oauth2/token']);
	});

	it('scopes are the operator’s, and openid is always among them', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith({ scopes: ' email  groups ' }))) ?? {
			url: '',
		};
		expect(new URL(url).searchParams.get('scope')).toBe('openid email groups');
	});
});

describe('the person who comes back', () => {
	it.each([
		['turned back', { answer: 'Cancel' }, 'cancelled'],
		[
			'brings an answer of another issuer',
			{ change: { query: { code: 'x', iss: 'https://other.example' } } },
			'refused',
		],
		['brings an answer without iss', { change: { query: { code: 'x' } } }, 'refused'],
		['brings another verifier', { change: { kept: 'v'.repeat(43) } }, 'refused'],
		['comes back to another address', { change: { redirectUri: 'https://id.example/other' } }, 'refused'],
		['began in another sign-in', { change: { nonce: 'n-2' } }, 'refused'],
	] as const)('%s', async (_, trip, reason) => {
		await expect(signIn(contextWith(), trip as never)).rejects.toMatchObject({ reason });
	});

	it.each([
		['access_denied', 'cancelled'],
		['server_error', 'unavailable'],
		['invalid_scope', 'config'],
		['something_of_their_own', 'refused'],
		[undefined, 'refused'],
	] as const)('with error %s: %s', async (error, reason) => {
		const query = { iss: `${vendor.url}/tenant`, ...(error ? { error } : {}) };
		await expect(signIn(contextWith(), { change: { query } })).rejects.toMatchObject({ reason });
		expect(vendor.calls.some(({ url }) => url.pathname === '/oauth2/token')).toBe(false);
	});

	it('a code works once', async () => {
		const context = contextWith();
		const { url, kept = '' } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
		const back = { ...start, query: await answerAt(url, 'Li'), kept };
		await expect(plugin.redirect?.finish(back, context)).resolves.toMatchObject({ subject: '248289761002' });
		await expect(plugin.redirect?.finish(back, context)).rejects.toMatchObject({ reason: 'refused' });
	});

	it('an email that the provider does not mark as verified is not', async () => {
		expect(await signIn(contextWith(), { answer: 'Li' })).toMatchObject({
			profile: { email: 'li@example.com', emailVerified: false },
		});
	});
});

describe('userinfo', () => {
	it('adds to the ID token where the operator wants it', async () => {
		expect(await signIn(contextWith({ userinfo: true }))).toMatchObject({
			subject: '248289761001',
			profile: { name: 'Mei of userinfo' },
		});
		expect(vendor.calls.at(-1)?.headers.get('authorization')).toMatch(/^Bearer canary-access/);
	});

	it.each(['userinfo of somebody else', 'userinfo refuses the token'])('%s', async (name) => {
		vendor.fail(name);
		await expect(signIn(contextWith({ userinfo: true }))).rejects.toMatchObject({ reason: 'refused' });
	});
});

describe('a provider', () => {
	const other = 'https://keys.vendor.example';
	it.each([
		['calls itself otherwise', { issuer: 'https://other.example' }, {}, /another issuer/],
		['signs symmetrically only', { id_token_signing_alg_values_supported: ['HS256'] }, {}, /signs with none/],
		[
			'has its token endpoint elsewhere',
			{ token_endpoint: `${other}/t` },
			{},
			/token endpoint is on keys.vendor/,
		],
		['has its keys elsewhere', { jwks_uri: `${other}/k` }, {}, /keys endpoint is on keys.vendor/],
		[
			'has userinfo elsewhere',
			{ userinfo_endpoint: `${other}/u` },
			{ userinfo: true },
			/userinfo endpoint is on/,
		],
		['has no userinfo', { userinfo_endpoint: undefined }, { userinfo: true }, /no userinfo/],
	])('that %s is not signed in with', async (_, change, config, message) => {
		const strange = await startEmulator(0, { now: () => now, describe: (doc) => ({ ...doc, ...change }) });
		try {
			strange.redirectUris.add(start.redirectUri);
			const { context } = contextFor(plugin, strange, { now: () => now, config });
			await expect(signIn(context)).rejects.toMatchObject({
				reason: 'config',
				message: expect.stringMatching(message) as string,
			});
			await expect(plugin.selfTest?.(context)).rejects.toMatchObject({ reason: 'config' });
		} finally {
			await strange.close();
		}
	});

	it('may have endpoints elsewhere where the operator names them', async () => {
		const spread = await startEmulator(0, {
			now: () => now,
			describe: (doc) => ({
				...doc,
				token_endpoint: `${other}/t`,
				jwks_uri: `${other}/k`,
				userinfo_endpoint: `${other}/u`,
			}),
		});
		const config = {
			userinfo: true,
			tokenAddress: `${other}/t`,
			keysAddress: `${other}/k`,
			userinfoAddress: `${other}/u`,
		};
		try {
			spread.redirectUris.add(start.redirectUri);
			const { context } = contextFor(plugin, spread, { now: () => now, config });
			expect(await signIn(context)).toMatchObject({ subject: '248289761001' });
		} finally {
			await spread.close();
		}
	});

	it('whose keys cannot be fetched signs no one in', async () => {
		const fresh = await startEmulator(0, { now: () => now });
		try {
			fresh.redirectUris.add(start.redirectUri);
			fresh.fail('keys are gone');
			const { context } = contextFor(plugin, fresh, { now: () => now });
			await expect(signIn(context)).rejects.toMatchObject({ reason: 'unavailable' });
			fresh.fail();
			expect(await signIn(context)).toMatchObject({ subject: '248289761001' });
		} finally {
			await fresh.close();
		}
	});

	it('that gives no ID token signs no one in', async () => {
		const noIdToken = { tamper: alter({ id_token: undefined }) };
		await signIn(contextWith());
		await expect(signIn(contextWith({}, noIdToken))).rejects.toMatchObject({ reason: 'unavailable' });
	});
});

describe('the self-test', () => {
	it('passes with settings that work', async () => {
		await expect(plugin.selfTest?.(contextWith())).resolves.toBeUndefined();
	});

	it.each([
		['a wrong secret', { clientSecret: 'canary-wrong' }, /invalid_client/],
		['a client nobody knows', { clientId: 'nobody' }, /invalid_client/],
	])('names %s', async (_, config, message) => {
		await expect(plugin.selfTest?.(contextWith(config))).rejects.toMatchObject({
			reason: 'config',
			message: expect.stringMatching(message) as string,
		});
	});

	it('reports that the provider is down', async () => {
		vendor.fail('down');
		await expect(plugin.selfTest?.(contextWith())).rejects.toMatchObject({ reason: 'unavailable' });
	});
});

describe('through the host', () => {
	const issuer = `${vendor.url}/tenant`;
	const values = { issuer, clientId: client.id, clientSecret: client.secret };

	it('calls an issuer with a path on its whole host, and nowhere else', async () => {
		const { app, pass } = await hostUnderTest();
		pass(now - 1_800_000_000_000);
		await app.save('oidc', { enabled: true, values, trusted: true });
		expect(await app.selfTest('oidc')).toMatchObject({ ok: true });
		const { url, kept } = await app.redirect('oidc').begin(start);
		const query = await answerAt(url, 'Mei');
		expect(await app.redirect('oidc').finish({ ...start, query, kept })).toMatchObject({
			subject: '248289761001',
			scope: issuer,
		});
		expect((await app.formOf('oidc')).reaches).toEqual([new URL(vendor.url).host]);
	});

	it('does not call a private issuer that was typed in the console (B06)', async () => {
		const { app } = await hostUnderTest();
		expect(await refusalOf(app.save('oidc', { enabled: true, values }))).toMatchObject({
			fields: { issuer: 'plugin/egress-refused' },
		});
		expect(vendor.calls).toEqual([]);
	});
});
