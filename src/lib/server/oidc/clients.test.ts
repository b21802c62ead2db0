import { describe, expect, it } from 'vitest';
import { createVault, newDataKey } from '../runtime/vault';
import type { Client } from '../storage/app/clients';
import { ClientSecrets, describeClient, isImpersonable, originsOf } from './clients';

const vault = createVault(newDataKey());
const secrets = new ClientSecrets(vault);
const row: Client = {
	id: 'web',
	name: 'Web',
	secret: null,
	applicationType: 'web',
	firstParty: false,
	pkceRequired: true,
	redirectUris: ['https://rp.example/cb'],
	postLogoutRedirectUris: [],
	backchannelLogoutUri: null,
	idTokenAlg: 'RS256',
	website: '',
	createdAt: 1,
	updatedAt: 1,
};

describe('describeClient', () => {
	it('describes a client without a secret as public', () => {
		const described = describeClient(row, secrets);
		expect(described).toMatchObject({
			client_id: 'web',
			token_endpoint_auth_method: 'none',
			response_types: ['code'],
		});
		expect(described).not.toHaveProperty('client_secret');
		expect(described.scope?.split(' ')).not.toContain('menshen.me');
	});

	it('decrypts the secret only for the client it belongs to', () => {
		const sealed = vault.seal('s3cret', 'client-secret:web');
		expect(describeClient({ ...row, secret: sealed }, secrets)).toMatchObject({
			client_secret: 's3cret',
			token_endpoint_auth_method: 'client_secret_basic',
		});
		expect(() => describeClient({ ...row, id: 'other', secret: sealed }, secrets)).toThrow();
	});

	it('gives the scopes of our own API to first-party clients', () => {
		expect(describeClient({ ...row, firstParty: true }, secrets).scope?.split(' ')).toEqual(
			expect.arrayContaining(['menshen.me', 'menshen.admin']),
		);
	});

	it('asks for notices with the session’s id where there is an address', () => {
		expect(describeClient({ ...row, backchannelLogoutUri: 'https://rp.example/bcl' }, secrets)).toMatchObject(
			{ backchannel_logout_session_required: true },
		);
	});

	it('allows no sign-in without a redirect URI', () => {
		expect(describeClient({ ...row, redirectUris: [] }, secrets)).toMatchObject({
			response_types: [],
			grant_types: [],
		});
	});
});

it.each([
	['https://rp.example/cb', false],
	['http://rp.lan/cb', false],
	['https://127.0.0.1.example/cb', false],
	['http://127.0.0.1:1/cb', true],
	['http://[::1]/cb', true],
	['http://localhost:3000/', true],
	['com.example.app:/cb', true],
	['custom://x', true],
])('%s can be stood in for: %s', (uri, expected) => {
	expect(isImpersonable(uri)).toBe(expected);
});

it('originsOf lists origins, never "null"', () => {
	expect([
		...originsOf(['https://a.example/x', 'https://a.example:8443/y', 'com.example.app:/cb', 'not a uri']),
	]).toEqual(['https://a.example', 'https://a.example:8443']);
});
