import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpReply, HttpRequest } from './context';
import {
	authorizationUrl,
	codeOf,
	idTokenOf,
	newVerifier,
	tokenRequest,
	tokensOf,
	tryClient,
} from './oauth2';

const replyOf = (body: unknown, status = 200): HttpReply => ({
	status,
	headers: {},
	body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});
const start = {
	endpoint: 'https://vendor.example/authorize?tenant=7',
	clientId: 'c-1',
	redirectUri: 'https://id.example/callback?x=1',
	state: 's-1',
	scopes: ['openid', 'email'],
};

describe('a verifier', () => {
	it('has 256 bits, and never the same ones', () => {
		const some = Array.from({ length: 50 }, newVerifier);
		expect(some.every((each) => /^[\w-]{43}$/.test(each))).toBe(true);
		expect(new Set(some).size).toBe(50);
	});
});

describe('the address of the vendor’s page', () => {
	it('contains the request, and keeps the endpoint’s own parameters', () => {
		const verifier = newVerifier();
		const url = new URL(authorizationUrl({ ...start, verifier, more: { nonce: 'n-1', prompt: 'login' } }));
		expect(url.origin + url.pathname).toBe('https://vendor.example/authorize');
		expect(Object.fromEntries(url.searchParams)).toEqual({
			tenant: '7',
			response_type: 'code',
			client_id: 'c-1',
			redirect_uri: 'https://id.example/callback?x=1',
			state: 's-1',
			scope: 'openid email',
			nonce: 'n-1',
			prompt: 'login',
			code_challenge_method: 'S256',
			code_challenge: createHash('sha256').update(verifier).digest('base64url'),
		});
		expect(url.href).not.toContain(verifier);
	});

	it('has no challenge for a vendor that does not know PKCE, and no scope where none is asked for', () => {
		const { searchParams } = new URL(authorizationUrl({ ...start, scopes: [] }));
		expect([...searchParams.keys()].sort()).toEqual([
			'client_id',
			'redirect_uri',
			'response_type',
			'state',
			'tenant',
		]);
	});
});

describe('what comes back with the browser', () => {
	it('is a code', () => {
		expect(codeOf({ code: 'abc', state: 's' })).toBe('abc');
	});

	it.each([
		['access_denied', 'cancelled'],
		['login_required', 'cancelled'],
		['consent_required', 'cancelled'],
		['interaction_required', 'cancelled'],
		['invalid_request', 'config'],
		['invalid_scope', 'config'],
		['unauthorized_client', 'config'],
		['unsupported_response_type', 'config'],
		['server_error', 'unavailable'],
		['temporarily_unavailable', 'unavailable'],
		['whatever_else', 'refused'],
	])('error %s is %s, even beside a code', (error, reason) => {
		expect(() => codeOf({ error, code: 'abc' })).toThrow(expect.objectContaining({ reason }));
	});

	it('never counts against the vendor, as any browser may send it', () => {
		for (const error of ['server_error', 'invalid_scope'])
			expect(() => codeOf({ error })).toThrow(expect.objectContaining({ counts: false }));
	});

	it.each([{}, { code: '' }, { code: 'x'.repeat(4097) }, { code: 'a\nb' }, { code: 'ü' }])(
		'without a code that can be one: refused',
		(query) => {
			expect(() => codeOf(query as Record<string, string>)).toThrow(
				expect.objectContaining({ reason: 'refused' }),
			);
		},
	);

	it('may be an error code of the vendor’s own', () => {
		expect(() => codeOf({ error: 'user_denied' }, { user_denied: 'cancelled' })).toThrow(
			expect.objectContaining({ reason: 'cancelled', message: 'came back with user_denied' }),
		);
	});

	it('is not repeated where it does not look like an error code', () => {
		const error = '<script>\n2026 forged log line';
		expect(() => codeOf({ error })).toThrow('came back with an unreadable error');
	});
});

describe('the request for tokens', () => {
	const exchange = { code: 'abc', redirectUri: start.redirectUri, verifier: 'v-1' };
	const common = { grant_type: 'authorization_code', code: 'abc', redirect_uri: start.redirectUri };

	it('shows the secret in the header, form-encoded first', () => {
		const request = tokenRequest({ ...exchange, client: { id: 'a:b', secret: 'p w+ü', auth: 'basic' } });
		const basic = Buffer.from('a%3Ab:p+w%2B%C3%BC').toString('base64');
		expect(request).toEqual({
			method: 'POST',
			headers: { accept: 'application/json', authorization: `Basic ${basic}` },
			form: { ...common, code_verifier: 'v-1' },
		});
	});

	it('or in the form', () => {
		expect(tokenRequest({ ...exchange, client: { id: 'a', secret: 'p', auth: 'post' } })).toEqual({
			method: 'POST',
			headers: { accept: 'application/json' },
			form: { ...common, code_verifier: 'v-1', client_id: 'a', client_secret: 'p' },
		});
	});

	it('or nowhere', () => {
		const { verifier: _, ...without } = exchange;
		const request = tokenRequest({ ...without, client: { id: 'a', secret: 'p', auth: 'none' } });
		expect(request.form).toEqual({ ...common, client_id: 'a' });
		expect(JSON.stringify(request)).not.toContain('"p"');
	});
});

describe('the answer of a token endpoint', () => {
	it('is read', () => {
		const tokens = tokensOf(
			replyOf({ access_token: 'a', token_type: 'bearer', id_token: 'i', scope: 'x y' }),
		);
		expect([tokens.accessToken(), tokens.tokenType(), idTokenOf(tokens), tokens.scopes()]).toEqual([
			'a',
			'bearer',
			'i',
			['x', 'y'],
		]);
	});

	it.each([
		['invalid_grant', 400, 'refused'],
		['invalid_client', 401, 'config'],
		['unauthorized_client', 400, 'config'],
		['invalid_scope', 400, 'config'],
		['server_error', 500, 'unavailable'],
		['slow_down', 429, 'unavailable'],
		['their_own', 200, 'refused'],
	])('%s with HTTP %i is %s', (error, status, reason) => {
		expect(() => tokensOf(replyOf({ error, error_description: 'secret' }, status))).toThrow(
			expect.objectContaining({ reason, message: `the token endpoint answered ${error}` }),
		);
	});

	it.each([
		['invalid_request', false],
		['invalid_client', true],
		['server_error', true],
	])('%s counts against the vendor: %s', (error, counts) => {
		expect(() => tokensOf(replyOf({ error }, 400))).toThrow(expect.objectContaining({ counts }));
	});

	it.each([
		['a page', replyOf('<html>')],
		['no token', replyOf({ token_type: 'bearer' })],
		['an empty token', replyOf({ access_token: '' })],
		['a list', replyOf([])],
		['nothing', replyOf('')],
		['a status other than success', replyOf({ access_token: 'a' }, 503)],
	])('%s is nonsense', (_, reply) => {
		expect(() => tokensOf(reply)).toThrow(expect.objectContaining({ reason: 'unavailable' }));
	});

	it('may be an error code of the vendor’s own', () => {
		expect(() => tokensOf(replyOf({ error: 'bad_secret' }), { bad_secret: 'config' })).toThrow(
			expect.objectContaining({ reason: 'config' }),
		);
	});

	it('is refused where the ID token is missing', () => {
		expect(() => idTokenOf(tokensOf(replyOf({ access_token: 'a' })))).toThrow(
			expect.objectContaining({ reason: 'unavailable' }),
		);
	});
});

describe('trying the client', () => {
	const client = { id: 'a', secret: 'p', auth: 'post' } as const;
	const answering =
		(body: unknown, status = 400) =>
		async () =>
			replyOf(body, status);

	it('sends a code that was never issued', async () => {
		const sent: HttpRequest[] = [];
		await tryClient(client, async (request) => {
			sent.push(request);
			return replyOf({ error: 'invalid_grant' }, 400);
		});
		expect(sent).toMatchObject([{ form: { client_id: 'a', client_secret: 'p' } }]);
	});

	it.each(['invalid_grant', 'invalid_request', 'redirect_uri_mismatch', 'bad_code'])(
		'%s means that the client is known',
		async (error) => {
			await expect(tryClient(client, answering({ error }))).resolves.toBeUndefined();
		},
	);

	it.each([
		['invalid_client', 'config'],
		['unauthorized_client', 'config'],
		['server_error', 'unavailable'],
		['their_secret_error', 'config'],
	])('%s is %s', async (error, reason) => {
		const trial = tryClient(client, answering({ error }), { their_secret_error: 'config' });
		await expect(trial).rejects.toMatchObject({ reason });
	});

	it('refuses a server that gives tokens for any code', async () => {
		const trial = tryClient(client, answering({ access_token: 'a' }, 200));
		await expect(trial).rejects.toMatchObject({ reason: 'unavailable' });
	});
});
