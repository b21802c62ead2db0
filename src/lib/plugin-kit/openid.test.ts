import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import {
	createIdTokens,
	forgeries,
	type ForgeryName,
	type IdTokens,
} from '../../../tests/emulators/id-tokens';
import type { HttpReply } from './context';
import {
	algorithmsOf,
	createOpenidMemory,
	isSameIssuer,
	profileOf,
	verifyIdToken,
	type Discovery,
	type Expected,
	type Source,
} from './openid';

const now = Date.UTC(2026, 0, 1);
const issuer = 'https://id.vendor.example';
const claims = { iss: issuer, aud: 'client-1', sub: 'u-1', nonce: 'n-1' };

const replyOf = (body: unknown, status = 200): HttpReply => ({
	status,
	headers: {},
	body: new TextEncoder().encode(JSON.stringify(body)),
});

/** A source that counts its requests. */
function sourceOf(answer: () => Promise<HttpReply> | HttpReply, change: Partial<Source> = {}) {
	const asked: number[] = [];
	return {
		asked,
		address: 'https://id.vendor.example/keys',
		now,
		load: async () => {
			asked.push(1);
			return answer();
		},
		...change,
	};
}

let idTokens: IdTokens;
beforeAll(async () => {
	idTokens = await createIdTokens(() => now);
});
const keysAnswer = async (): Promise<HttpReply> => replyOf(await idTokens.jwks().json());
const expectedWith = (change: Partial<Expected> = {}): Expected => ({
	issuer,
	audience: 'client-1',
	nonce: 'n-1',
	keys: createOpenidMemory().keys(sourceOf(keysAnswer)),
	now,
	...change,
});

describe('an ID token', () => {
	it('that the issuer signed for this client and this sign-in is taken', async () => {
		const token = await idTokens.sign(claims);
		await expect(verifyIdToken(token, expectedWith())).resolves.toMatchObject({ sub: 'u-1', iss: issuer });
	});

	const faults: Record<ForgeryName, RegExp> = {
		'id token of another issuer': /iss does not fit/,
		'id token without iss': /iss does not fit/,
		'id token for another client': /aud does not fit/,
		'id token for several clients, asked for by another': /azp does not fit/,
		'id token for several clients, asked for by nobody': /azp does not fit/,
		'id token without aud': /aud does not fit/,
		'id token of another sign-in (nonce)': /nonce does not fit/,
		'id token without nonce': /nonce does not fit/,
		'id token that has expired': /exp does not fit/,
		'id token without exp': /exp does not fit/,
		'id token from the future': /iat does not fit/,
		'id token of long ago': /iat does not fit/,
		'id token without iat': /iat does not fit/,
		'id token without sub': /sub does not fit/,
		'id token with an empty sub': /sub does not fit/,
		'id token with a number for sub': /sub does not fit/,
		'id token without a signature (alg none)': /ALG_NOT_ALLOWED/,
		'id token in HS256 with the public key': /ALG_NOT_ALLOWED/,
		'id token in an algorithm that is not offered': /ALG_NOT_ALLOWED/,
		'id token signed by a stranger': /SIGNATURE_VERIFICATION_FAILED/,
		'id token signed by a stranger under an unknown key id': /NO_MATCHING_KEY/,
		'access token in place of an id token': /typ does not fit/,
	};
	it.each(Object.entries(faults))('%s is refused for that (B05)', async (name, message) => {
		const token = await idTokens.sign(claims, forgeries[name as ForgeryName]);
		await expect(verifyIdToken(token, expectedWith())).rejects.toMatchObject({
			reason: 'refused',
			message: expect.stringMatching(message) as string,
		});
	});

	it.each(['', 'a.b', 'a.b.c', '{}', 'eyJhbGciOiJub25lIn0.e30.'])('%j is refused', async (token) => {
		await expect(verifyIdToken(token, expectedWith())).rejects.toMatchObject({ reason: 'refused' });
	});

	it('is refused without repeating its claims', async () => {
		const token = await idTokens.sign({ ...claims, sub: 'canary', aud: 'canary', email: 'canary' });
		const refusal = await verifyIdToken(token, expectedWith()).catch((error: unknown) => error);
		expect(String(refusal)).not.toContain('canary');
	});

	it('may be for several clients where it names us as the one that asked', async () => {
		const token = await idTokens.sign({ ...claims, aud: ['client-1', 'solid'], azp: 'client-1' });
		await expect(verifyIdToken(token, expectedWith())).resolves.toMatchObject({ azp: 'client-1' });
	});

	it('may be for any of several clients that are one app, and by any name of the issuer', async () => {
		const expected = expectedWith({
			audience: ['app-ios', 'client-1'],
			issuer: ['id.vendor.example', issuer],
		});
		await expect(verifyIdToken(await idTokens.sign(claims), expected)).resolves.toMatchObject({ sub: 'u-1' });
	});

	it.each([
		[59, true],
		[-59, true],
		[61, false],
	])('clocks may differ by a minute: issued %i s ahead', async (ahead, fine) => {
		const iat = now / 1000 + ahead;
		const token = await idTokens.sign({ ...claims, iat, exp: iat + 3600 });
		const outcome = verifyIdToken(token, expectedWith()).then(
			() => true,
			() => false,
		);
		expect(await outcome).toBe(fine);
	});

	it('is checked by the given clock', async () => {
		const token = await idTokens.sign(claims);
		const later = expectedWith({ now: now + 3_700_000 });
		await expect(verifyIdToken(token, later)).rejects.toMatchObject({ reason: 'refused' });
	});

	it.each(['ES256', 'PS256', 'EdDSA', 'RS256'] as const)(
		'in %s is taken where that is offered',
		async (alg) => {
			const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
			const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg }] };
			const iat = now / 1000;
			const token = await new SignJWT({ ...claims, iat, exp: iat + 60 })
				.setProtectedHeader({ alg, kid: 'k' })
				.sign(privateKey);
			const finder = createOpenidMemory().keys(sourceOf(() => replyOf(keys)));
			await expect(
				verifyIdToken(token, expectedWith({ keys: finder, algorithms: [alg] })),
			).resolves.toMatchObject({ sub: 'u-1' });
			const others = (['RS256', 'ES256'] as const).filter((each) => each !== alg);
			await expect(
				verifyIdToken(token, expectedWith({ keys: finder, algorithms: others })),
			).rejects.toMatchObject({ reason: 'refused' });
		},
	);

	it('without a key id is tried with all keys', async () => {
		const pairs = await Promise.all([1, 2].map(() => generateKeyPair('RS256', { extractable: true })));
		const stranger = await generateKeyPair('RS256');
		const keys = { keys: await Promise.all(pairs.map(({ publicKey }) => exportJWK(publicKey))) };
		const finder = createOpenidMemory().keys(sourceOf(() => replyOf(keys)));
		const iat = now / 1000;
		const signedBy = (key: CryptoKey) =>
			new SignJWT({ ...claims, iat, exp: iat + 60 }).setProtectedHeader({ alg: 'RS256' }).sign(key);
		for (const { privateKey } of pairs)
			await expect(
				verifyIdToken(await signedBy(privateKey), expectedWith({ keys: finder })),
			).resolves.toMatchObject({ sub: 'u-1' });
		await expect(
			verifyIdToken(await signedBy(stranger.privateKey), expectedWith({ keys: finder })),
		).rejects.toMatchObject({ reason: 'refused' });
	});

	it('signed with a symmetric or an encryption key of the set is refused', async () => {
		const { keys } = (await idTokens.jwks().json()) as { keys: Record<string, unknown>[] };
		const spoiled = keys.map((key) => ({ ...key, use: 'enc' }));
		const set = { keys: [{ kty: 'oct', k: 'AAAA', kid: 'own', alg: 'HS256' }, ...spoiled] };
		const finder = createOpenidMemory().keys(sourceOf(() => replyOf(set)));
		await expect(
			verifyIdToken(await idTokens.sign(claims), expectedWith({ keys: finder })),
		).rejects.toMatchObject({ reason: 'refused' });
	});
});

describe('the keys of an issuer', () => {
	it('are fetched once in ten minutes', async () => {
		const memory = createOpenidMemory();
		const source = sourceOf(keysAnswer);
		const token = await idTokens.sign(claims);
		const at = (ms: number) =>
			verifyIdToken(token, expectedWith({ keys: memory.keys({ ...source, now: now + ms }) }));
		await at(0);
		await at(599_000);
		expect(source.asked.length).toBe(1);
		await at(601_000);
		expect(source.asked.length).toBe(2);
	});

	it('are fetched again when a token names a new one, at most every half minute', async () => {
		const memory = createOpenidMemory();
		const next = await createIdTokens(() => now);
		let current = idTokens;
		const source = sourceOf(async () => replyOf(await current.jwks().json()));
		const at = (ms: number) => memory.keys({ ...source, now: now + ms });
		await verifyIdToken(await idTokens.sign(claims), expectedWith({ keys: at(0) }));
		current = next;
		const renamed = { header: { kid: 'new' } };
		const unknown = verifyIdToken(await next.sign(claims, renamed), expectedWith({ keys: at(29_000) }));
		await expect(unknown).rejects.toMatchObject({ reason: 'refused' });
		expect(source.asked.length).toBe(1);
		// The key is still unknown, but the set is new now: tokens signed with it are accepted.
		const again = verifyIdToken(await next.sign(claims, renamed), expectedWith({ keys: at(31_000) }));
		await expect(again).rejects.toMatchObject({ reason: 'refused' });
		expect(source.asked.length).toBe(2);
		await verifyIdToken(await next.sign(claims), expectedWith({ keys: at(31_000) }));
		expect(source.asked.length).toBe(2);
	});

	it('that are missing or invalid let no one sign in, and are fetched again', async () => {
		const memory = createOpenidMemory();
		const token = await idTokens.sign(claims);
		const answers = [replyOf({}, 500), replyOf({ keys: 'none' }), replyOf([]), await keysAnswer()];
		const source = sourceOf(() => answers.shift() ?? replyOf({}, 500));
		const expected = expectedWith({ keys: memory.keys(source) });
		for (let round = 0; round < 3; round += 1)
			await expect(verifyIdToken(token, expected)).rejects.toMatchObject({ reason: 'unavailable' });
		await expect(verifyIdToken(token, expected)).resolves.toMatchObject({ sub: 'u-1' });
	});

	it('with invalid keys are the issuer’s fault', async () => {
		const keys = { keys: [{ kty: 'RSA', kid: 'own', n: 'AQAB', e: 'AQAB' }] };
		const finder = createOpenidMemory().keys(sourceOf(() => replyOf(keys)));
		await expect(
			verifyIdToken(await idTokens.sign(claims), expectedWith({ keys: finder })),
		).rejects.toMatchObject({ reason: 'unavailable' });
	});

	it('of many issuers do not pile up', async () => {
		const memory = createOpenidMemory(2);
		const token = await idTokens.sign(claims);
		const sources = ['a', 'b', 'c'].map((name) =>
			sourceOf(keysAnswer, { address: `https://${name}.example` }),
		);
		const ask = (source: Source) => verifyIdToken(token, expectedWith({ keys: memory.keys(source) }));
		for (const source of [...sources, ...sources]) await ask(source);
		// The first fell out when the third came, and so on round.
		expect(sources.map(({ asked }) => asked.length)).toEqual([2, 2, 2]);
		const [, second, third] = sources;
		if (!second || !third) throw new Error('three sources');
		await ask(third);
		await ask(second);
		expect(sources.map(({ asked }) => asked.length)).toEqual([2, 2, 2]);
	});
});

describe('discovery', () => {
	const document = {
		issuer,
		authorization_endpoint: `${issuer}/authorize`,
		token_endpoint: `${issuer}/token`,
		jwks_uri: `${issuer}/keys`,
	};
	const discover = (body: unknown, status = 200, issuers = [issuer]) =>
		createOpenidMemory().discovery(
			sourceOf(() => replyOf(body, status)),
			issuers,
		);

	it('reads the issuer’s document', async () => {
		await expect(discover({ ...document, whatever: 1 })).resolves.toEqual(document);
	});

	it('ignores a slash at the end of the issuer', async () => {
		await expect(discover({ ...document, issuer: `${issuer}/` })).resolves.toMatchObject({
			issuer: `${issuer}/`,
		});
		expect([isSameIssuer('https://a/b', 'https://a/b/'), isSameIssuer('https://a/b', 'https://a/c')]).toEqual(
			[true, false],
		);
	});

	it.each([
		['another issuer', { ...document, issuer: 'https://other.example' }, 200, 'config'],
		['an issuer below it', { ...document, issuer: `${issuer}/b` }, 200, 'config'],
		['no issuer', { ...document, issuer: undefined }, 200, 'unavailable'],
		['no keys', { ...document, jwks_uri: undefined }, 200, 'unavailable'],
		['an invalid endpoint', { ...document, token_endpoint: 'javascript:alert(1)' }, 200, 'unavailable'],
		['no document', {}, 404, 'unavailable'],
	])('%s is refused', async (_, body, status, reason) => {
		await expect(discover(body, status)).rejects.toMatchObject({ reason });
	});

	it('is remembered, and never for another issuer', async () => {
		const memory = createOpenidMemory();
		const source = sourceOf(() => replyOf(document));
		await memory.discovery(source, [issuer]);
		await memory.discovery(source, [issuer]);
		expect(source.asked.length).toBe(1);
		await expect(memory.discovery(source, ['https://other.example'])).rejects.toMatchObject({
			reason: 'config',
		});
	});

	it.each([
		[undefined, ['RS256']],
		[
			['HS256', 'ES256', 'RS256', 'none'],
			['RS256', 'ES256'],
		],
		[['EdDSA'], ['EdDSA']],
	])('of the algorithms %j these count: %j', (named, expected) => {
		const discovery = { ...document, id_token_signing_alg_values_supported: named } as Discovery;
		expect(algorithmsOf(discovery)).toEqual(expected);
	});

	it.each([[['HS256', 'none']], [[]]])('fails where only %j is supported', (named) => {
		const discovery = { ...document, id_token_signing_alg_values_supported: named };
		expect(() => algorithmsOf(discovery)).toThrow(expect.objectContaining({ reason: 'config' }));
	});
});

describe('a profile', () => {
	it('takes the standard claims', () => {
		expect(
			profileOf({
				...{ sub: 'u', name: 'Mei', picture: 'https://pic.example/1.png', locale: 'zh-CN' },
				...{ email: 'mei@example.com', email_verified: true },
			}),
		).toEqual({
			name: 'Mei',
			avatar: 'https://pic.example/1.png',
			email: 'mei@example.com',
			emailVerified: true,
			locale: 'zh-CN',
		});
	});

	it.each([[undefined], ['true'], [1], [false]])('an email is not verified by %j', (email_verified) => {
		expect(profileOf({ email: 'a@b.example', email_verified })).toEqual({
			email: 'a@b.example',
			emailVerified: false,
		});
	});

	it.each([
		[{ name: 'x'.repeat(201), preferred_username: 'mei' }, { name: 'mei' }],
		[{ name: { first: 'Mei' } }, {}],
		[{ picture: 'http://pic.example/1.png' }, {}],
		[{ picture: 'data:image/png;base64,AA' }, {}],
		[{ picture: 'nonsense' }, {}],
		[{ email: 42, locale: '', email_verified: true }, {}],
	])('%j leaves %j', (given, expected) => {
		expect(profileOf(given)).toEqual(expected);
	});
});
