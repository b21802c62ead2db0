import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import type { Emulator } from '@menshen/plugin-kit/emulator';
import { answerAt } from '../../tests/emulators/consent';
import { contextFor } from '../../tests/emulators/plugin-context';
import { solidForgeries, startEmulator, webidOf, type Options } from './emulator';
import plugin from './index.server';

const now = Date.UTC(2026, 0, 1);
const vendor = await startEmulator(0, { now: () => now });
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

type Context = Parameters<NonNullable<typeof plugin.selfTest>>[0];
const start = { redirectUri: 'https://id.example/callback', state: 's-1', nonce: 'n-1' };
const mei = webidOf(vendor.url, 'Mei');
type Trip = { answer?: 'Mei' | 'Li' | 'Cancel'; hint?: string; change?: object; meanwhile?(): void };

async function signIn(context: Context, trip: Trip = {}) {
	const { answer = 'Mei', hint = mei, change = {}, meanwhile } = trip;
	const { url, kept = '' } = (await plugin.redirect?.begin({ ...start, hint }, context)) ?? { url: '' };
	const query = await answerAt(url, answer);
	meanwhile?.();
	return plugin.redirect?.finish({ ...start, query, kept, ...change }, context);
}
const contextOf = (emulator: Emulator, config = {}) =>
	contextFor(plugin, emulator, { now: () => now, config }).context;
const context = contextOf(vendor);

/** Another provider, with habits of its own. */
async function withProvider<T>(options: Options, use: (provider: Emulator) => Promise<T>): Promise<T> {
	const provider = await startEmulator(0, { now: () => now, ...options });
	try {
		return await use(provider);
	} finally {
		await provider.close();
	}
}
const at = (provider: Emulator, trip: Trip = {}) =>
	signIn(contextOf(provider), { hint: webidOf(provider.url, 'Mei'), ...trip });

describe('webid', () => {
	const refused = (name: string, reason: 'refused' | 'config' | 'unavailable' = 'refused') => ({
		name,
		arrange: () => vendor.fail(name),
		expected: { reason },
	});
	for (const { name, run } of contractCases({
		plugin: plugin,
		config: vendor.config,
		endpoints: vendor.endpoints,
		refused: { 'a client id that is no address': { ...vendor.config, clientId: 'menshen' } },
		call: (_, each) => signIn(each as never),
		accept: (subject) =>
			expect(subject).toEqual({ subject: mei, scope: 'webid', profile: { name: 'Mei Chen' } }),
		failures: [
			...solidForgeries.map((name) => refused(name)),
			refused('invalid_grant'),
			refused('invalid_dpop_proof'),
			refused('tokens bound to nothing'),
			refused('registration is closed'),
			refused('nonsense tokens', 'unavailable'),
		],
		hang: { arrange: () => vendor.fail('hang'), reached: () => vendor.reached() },
		malformed: { arrange: () => vendor.fail('nonsense tokens') },
		reset: () => vendor.reset(),
	}))
		it(name, run);
});

describe('what a person types', () => {
	it.each([
		['their WebID', mei],
		['with spaces around it', `  ${mei} `],
		['the address of their provider', vendor.url],
		['with a slash', `${vendor.url}/`],
	])('%s', async (_, hint) => {
		await expect(signIn(context, { hint })).resolves.toMatchObject({ subject: mei });
	});

	it.each([
		['nothing', ''],
		['blanks', '  '],
		['a script', 'javascript:alert(1)'],
		['a file', 'file:///etc/passwd'],
		['credentials', 'https://user:pass@id.example/'],
		['words', 'not an address'],
		['something endless', `https://id.example/${'x'.repeat(2048)}`],
		['an address that leads to neither', `${vendor.url}/nothing/here`],
	])('%s is refused', async (_, hint) => {
		const leaving = async () => plugin.redirect?.begin({ ...start, hint }, context);
		await expect(leaving()).rejects.toMatchObject({ reason: 'refused' });
	});

	it('without a scheme it is https', async () => {
		const asked: (string | undefined)[] = [];
		const spy = {
			...context,
			http: async (_: string, request?: { url?: string }) => {
				asked.push(request?.url);
				throw new Error('enough');
			},
		} as Context;
		const leaving = async () => plugin.redirect?.begin({ ...start, hint: 'Alice.Example/card#me' }, spy);
		await expect(leaving()).rejects.toThrow('enough');
		expect(asked).toEqual(['https://alice.example/card']);
	});

	it.each([
		['the profile is gone', mei],
		['the profile is no Turtle', mei],
		['the profile is a page', mei],
		['the profile lists no issuer', mei],
	])('%s: nobody can vouch', async (name, hint) => {
		vendor.fail(name);
		const leaving = async () => plugin.redirect?.begin({ ...start, hint }, context);
		await expect(leaving()).rejects.toMatchObject({ reason: 'refused' });
	});
});

describe('what is sent', () => {
	it('registration, then the browser, then tokens with a proof', async () => {
		await signIn(context);
		const registered = vendor.calls.find(({ url }) => url.pathname === '/register');
		expect(registered?.json).toEqual({
			client_name: 'Menshen',
			redirect_uris: [start.redirectUri],
			grant_types: ['authorization_code'],
			response_types: ['code'],
			scope: 'openid webid',
			token_endpoint_auth_method: 'none',
			application_type: 'web',
		});
		const token = vendor.calls.find(({ url }) => url.pathname === '/token');
		const proof = token?.headers.get('dpop') ?? '';
		expect(decodeProtectedHeader(proof)).toEqual({
			typ: 'dpop+jwt',
			alg: 'ES256',
			jwk: { kty: 'EC', crv: 'P-256', x: expect.any(String) as string, y: expect.any(String) as string },
		});
		expect(decodeJwt(proof)).toEqual({
			htm: 'POST',
			htu: `${vendor.url}/token`,
			iat: now / 1000,
			jti: expect.stringMatching(/^[\w-]{36}$/) as string,
		});
	});

	it('the browser carries the thumbprint of the key, and nothing that is kept', async () => {
		const { url, kept = '' } = (await plugin.redirect?.begin({ ...start, hint: mei }, context)) ?? {
			url: '',
		};
		const { key, verifier, ...rest } = JSON.parse(kept) as { key: JWK; verifier: string };
		expect(rest).toEqual({ issuer: `${vendor.url}/`, clientId: expect.any(String) as string, auth: 'none' });
		expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
			response_type: 'code',
			scope: 'openid webid',
			state: 's-1',
			nonce: 'n-1',
			redirect_uri: start.redirectUri,
			code_challenge_method: 'S256',
			dpop_jkt: await calculateJwkThumbprint(key),
		});
		expect([url.includes(verifier), url.includes(String(key.d)), kept.length < 1024]).toEqual([
			false,
			false,
			true,
		]);
	});

	it('each sign-in has a client and a key of its own', async () => {
		const leave = async () => (await plugin.redirect?.begin({ ...start, hint: mei }, context))?.url ?? '';
		const [one, other] = [new URL(await leave()), new URL(await leave())];
		for (const name of ['client_id', 'dpop_jkt', 'code_challenge'])
			expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
	});

	it('with a client id document nobody registers', async () => {
		const clientId = 'https://id.example/apps/4/webid-client';
		await expect(signIn(contextOf(vendor, { clientId }))).resolves.toMatchObject({ subject: mei });
		expect(vendor.calls.map(({ url }) => url.pathname)).not.toContain('/register');
		expect(vendor.calls.find(({ url }) => url.pathname === '/token')?.form.get('client_id')).toBe(clientId);
	});
});

describe('who comes back', () => {
	it.each([
		['turned back', { answer: 'Cancel' }, 'cancelled'],
		['brings an answer without iss', { change: { query: { code: 'x' } } }, 'refused'],
		[
			'brings an answer of another issuer',
			{ change: { query: { code: 'x', iss: 'https://other.example/' } } },
			'refused',
		],
		['brings an error without iss', { change: { query: { error: 'access_denied' } } }, 'refused'],
		['comes back to another address', { change: { redirectUri: 'https://id.example/other' } }, 'refused'],
		['began in another sign-in', { change: { nonce: 'n-2' } }, 'refused'],
		['has nothing kept', { change: { kept: '' } }, 'refused'],
		['has nonsense kept', { change: { kept: '{}' } }, 'refused'],
	] as const)('%s', async (_, trip, reason) => {
		await expect(signIn(context, trip)).rejects.toMatchObject({ reason });
	});

	it('may be somebody else at the same provider, and is who the provider says', async () => {
		await expect(signIn(context, { answer: 'Li' })).resolves.toMatchObject({
			subject: webidOf(vendor.url, 'Li'),
			profile: { name: '王力' },
		});
	});

	it('with the key of another sign-in gets nothing for the code', async () => {
		const leave = async () =>
			(await plugin.redirect?.begin({ ...start, hint: mei }, context)) ?? { url: '', kept: '' };
		const [one, other] = [await leave(), await leave()];
		const merged = {
			...(JSON.parse(one.kept ?? '') as object),
			...{ key: (JSON.parse(other.kept ?? '') as { key: JWK }).key },
		};
		const query = await answerAt(one.url, 'Mei');
		const finishing = async () =>
			plugin.redirect?.finish({ ...start, query, kept: JSON.stringify(merged) }, context);
		await expect(finishing()).rejects.toMatchObject({ reason: 'refused' });
	});

	it('a code works once', async () => {
		const { url, kept = '' } = (await plugin.redirect?.begin({ ...start, hint: mei }, context)) ?? {
			url: '',
		};
		const back = { ...start, query: await answerAt(url, 'Mei'), kept };
		await expect(plugin.redirect?.finish(back, context)).resolves.toBeDefined();
		await expect(plugin.redirect?.finish(back, context)).rejects.toMatchObject({ reason: 'refused' });
	});
});

describe('the profile decides, at each sign-in (B02)', () => {
	it.each([
		'the profile lists another issuer',
		'the profile lists no issuer',
		'the profile is gone',
		'the profile is a page',
		'the profile is no Turtle',
	])('%s by the time of coming back', async (name) => {
		await expect(signIn(context)).resolves.toBeDefined();
		await expect(signIn(context, { meanwhile: () => vendor.fail(name) })).rejects.toMatchObject({
			reason: 'refused',
		});
	});

	it('an impostor may say whose WebID it likes: the WebID does not list it', async () => {
		await withProvider({ webid: mei }, async (impostor) => {
			const attempt = at(impostor, { hint: impostor.url });
			await expect(attempt).rejects.toMatchObject({
				reason: 'refused',
				message: 'the WebID does not list the issuer of the token',
			});
		});
	});

	it('another subject in the same document lists nobody for the person', async () => {
		await withProvider({ webid: mei.replace('#me', '#other') }, async (provider) => {
			await expect(at(provider, { hint: provider.url })).rejects.toMatchObject({ reason: 'refused' });
		});
	});
});

describe('providers differ', () => {
	it('one names the key in the access token alone', async () => {
		await withProvider({ boundIn: 'access token' }, async (provider) => {
			await expect(at(provider)).resolves.toMatchObject({ scope: 'webid' });
		});
	});

	it('and another key there is refused', async () => {
		await withProvider({ boundIn: 'access token', misbound: true }, async (provider) => {
			await expect(at(provider)).rejects.toMatchObject({
				message: 'the tokens are not bound to the key of this sign-in',
			});
		});
	});

	it('one that names it nowhere is refused', async () => {
		await withProvider({ boundIn: 'nothing' }, async (provider) => {
			await expect(at(provider)).rejects.toMatchObject({
				reason: 'refused',
				message: 'the tokens are not bound to the key of this sign-in',
			});
		});
	});

	it('one wants its nonce in the proof', async () => {
		await withProvider({ proofNonce: 'nonce-of-the-provider' }, async (provider) => {
			await expect(at(provider)).resolves.toMatchObject({ scope: 'webid' });
			const proofs = provider.calls.filter(({ url }) => url.pathname === '/token');
			expect(proofs.map(({ headers }) => decodeJwt(headers.get('dpop') ?? '')['nonce'])).toEqual([
				undefined,
				'nonce-of-the-provider',
			]);
		});
	});

	it('one gives every client a secret', async () => {
		const describe = (document: object) => ({
			...document,
			token_endpoint_auth_methods_supported: ['client_secret_basic'],
		});
		await withProvider({ describe }, async (provider) => {
			await expect(at(provider)).resolves.toMatchObject({ scope: 'webid' });
			const token = provider.calls.find(({ url }) => url.pathname === '/token');
			expect(token?.headers.get('authorization')).toMatch(/^Basic /);
		});
	});

	it.each([
		['registers nobody', { registration_endpoint: undefined }, 'refused'],
		['signs symmetrically', { id_token_signing_alg_values_supported: ['HS256'] }, 'config'],
		['calls itself otherwise', { issuer: 'https://other.example/' }, 'config'],
	])('one that %s is not left for', async (_, change, reason) => {
		await withProvider({ describe: (document) => ({ ...document, ...change }) }, async (provider) => {
			await expect(at(provider)).rejects.toMatchObject({ reason });
		});
	});
});
