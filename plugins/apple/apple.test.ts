import { createHash, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { contractCases, emulatedBy } from '@menshen/plugin-kit/contract-suite';
import { formAt, linkAt } from '../../tests/emulators/consent';
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
const contextWith = (config = {}) => contextFor(plugin, vendor, { now: () => now, config }).context;

async function answer(url: string, who: string) {
	const { action, values } = await formAt(await linkAt(url, who === 'Cancel' ? who : `Approve as ${who}`));
	expect(action).toBe(start.redirectUri);
	return values;
}
async function signIn(context: Context, who = 'Mei', change: Record<string, unknown> = {}) {
	const { url } = (await plugin.redirect?.begin(start, context)) ?? { url: '' };
	const query = await answer(url, who);
	return plugin.redirect?.finish({ ...start, query, kept: '', ...change }, context);
}

const nonce = 'raw-nonce-of-the-app';
const hashed = createHash('sha256').update(nonce).digest('hex');
async function identityToken(asked: Record<string, string> = {}): Promise<string> {
	const response = await fetch(`${vendor.url}/native?${new URLSearchParams({ nonce: hashed, ...asked })}`);
	return response.text();
}
async function redeem(context: Context, asked = {}, params: Record<string, string> = { nonce }) {
	return plugin.ticket?.redeem({ ticket: await identityToken(asked), params }, context);
}

const refused = (name: string, reason: 'refused' | 'config' | 'unavailable') => ({
	name,
	arrange: () => vendor.fail(name),
	expected: { reason },
});
const otherKey = (namedCurve: string) =>
	generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
describe('apple', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(vendor),
		refused: {
			'an invalid key': { ...vendor.config, privateKey: 'canary' },
			'a key of another curve': { ...vendor.config, privateKey: otherKey('P-384') },
			'an invalid team id': { ...vendor.config, teamId: 'short' },
		},
		call: (_, context) => signIn(context as never),
		accept: (answered) =>
			expect(answered).toEqual({
				subject: '000792.mei.0638',
				scope: 'team:TEAM0MENSH',
				profile: { name: 'Mei Chen', email: 'mei@example.com', emailVerified: true },
			}),
		failures: [
			...forgeryNames.map((name) => refused(name, 'refused')),
			refused('invalid_grant', 'refused'),
			refused('invalid_client', 'config'),
			refused('unauthorized_client', 'config'),
			refused('invalid_request', 'config'),
			refused('down', 'unavailable'),
		],
		secrets: ['canary-access', 'canary-refresh'],
	}))
		it(name, run);
});

describe('what is sent', () => {
	it('to Apple’s page', async () => {
		const { url, kept } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(new URL(url).pathname).toBe('/auth/authorize');
		expect(kept).toBeUndefined();
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			response_type: 'code',
			response_mode: 'form_post',
			client_id: client.servicesId,
			redirect_uri: start.redirectUri,
			state: 's-1',
			nonce: 'n-1',
			scope: 'name email',
		});
	});

	it('to the token endpoint: a secret that lives five minutes', async () => {
		await signIn(contextWith());
		const { client_secret: secret = '', ...form } = Object.fromEntries(vendor.calls[0]?.form ?? []);
		expect(form).toEqual({
			grant_type: 'authorization_code',
			client_id: client.servicesId,
			redirect_uri: start.redirectUri,
			code: expect.any(String) as string,
		});
		expect(decodeProtectedHeader(secret)).toEqual({ alg: 'ES256', kid: client.keyId });
		expect(decodeJwt(secret)).toEqual({
			iss: client.teamId,
			sub: client.servicesId,
			aud: 'https://appleid.apple.com',
			iat: now / 1000,
			exp: now / 1000 + 300,
		});
	});
});

describe('the person who comes back', () => {
	it.each([
		['turned back', 'Cancel', {}, 'cancelled'],
		['comes back to another address', 'Mei', { redirectUri: 'https://id.example/other' }, 'refused'],
		['began in another sign-in', 'Mei', { nonce: 'n-2' }, 'refused'],
		['brings a made-up code', 'Mei', { query: { code: 'made-up' } }, 'refused'],
		['brings an ID token of their own', 'Mei', { query: { id_token: 'ey.ey.x' } }, 'refused'],
	])('%s', async (_, who, change, reason) => {
		await expect(signIn(contextWith(), who, change)).rejects.toMatchObject({ reason });
	});

	it('a code works once', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		const back = { ...start, query: await answer(url, 'Li'), kept: '' };
		await expect(plugin.redirect?.finish(back, contextWith())).resolves.toMatchObject({
			subject: '000792.li.0639',
			profile: { name: '王力', email: 'x7@privaterelay.appleid.com', emailVerified: true },
		});
		await expect(plugin.redirect?.finish(back, contextWith())).rejects.toMatchObject({ reason: 'refused' });
	});

	it('the second time without a name, as the same person', async () => {
		await signIn(contextWith());
		expect(await signIn(contextWith())).toEqual({
			subject: '000792.mei.0638',
			scope: 'team:TEAM0MENSH',
			profile: { email: 'mei@example.com', emailVerified: true },
		});
	});

	it.each([
		'nonsense',
		'{}',
		'[]',
		'{"name":"Mei"}',
		'{"name":{"firstName":5}}',
		'{"email":"forged@example.com"}',
	])('a user field %s gives no name, and never an email', async (user) => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		const query = { ...(await answer(url, 'Mei')), user };
		const found = await plugin.redirect?.finish({ ...start, query, kept: '' }, contextWith());
		expect(found?.profile).toEqual({ email: 'mei@example.com', emailVerified: true });
	});
});

describe('a native app’s identity token', () => {
	it('signs the same person in as the web page does', async () => {
		const byTicket = await redeem(contextWith());
		const byPage = await signIn(contextWith());
		expect([byTicket?.subject, byTicket?.scope]).toEqual([byPage?.subject, byPage?.scope]);
		expect(byTicket?.profile).toEqual({ email: 'mei@example.com', emailVerified: true });
		await expect(redeem(contextWith(), { aud: 'com.example.other' })).resolves.toBeDefined();
	});

	it.each(forgeryNames)('%s is refused (B05)', async (forgery) => {
		await expect(redeem(contextWith(), { forgery })).rejects.toMatchObject({ reason: 'refused' });
	});

	it.each([
		['for an app that is not ours', { aud: 'com.stranger.app' }, { nonce }],
		['for our web page', { aud: client.servicesId }, { nonce }],
		['with another nonce', {}, { nonce: 'another' }],
		['with the hash in place of the nonce', {}, { nonce: hashed }],
		['with the nonce unhashed', { nonce }, { nonce }],
		['and no nonce from the app', {}, {}],
		['that was asked for without a nonce', { nonce: '' }, { nonce: '' }],
	])('%s is refused', async (_, asked, params) => {
		await expect(redeem(contextWith(), asked, params as Record<string, string>)).rejects.toMatchObject({
			reason: 'refused',
		});
	});

	it('identifies the person; other data from the app does not', async () => {
		const params = { nonce, sub: '000792.li.0639', email: 'forged@example.com', user: '{"name":{}}' };
		expect(await redeem(contextWith(), {}, params)).toMatchObject({
			subject: '000792.mei.0638',
			profile: { email: 'mei@example.com' },
		});
	});

	it('is not accepted where the operator names no app', async () => {
		await expect(redeem(contextWith({ bundleIds: undefined }))).rejects.toMatchObject({ reason: 'config' });
		await expect(redeem(contextWith({ bundleIds: ' , ' }))).rejects.toMatchObject({ reason: 'config' });
	});

	it.each(['', 'nonsense', 'a.b.c'])('%j is refused', async (ticket) => {
		const work = async () => plugin.ticket?.redeem({ ticket, params: { nonce } }, contextWith());
		await expect(work()).rejects.toMatchObject({ reason: 'refused' });
	});

	it('is unavailable while the keys cannot be fetched', async () => {
		const fresh = await startEmulator(0, { now: () => now });
		try {
			fresh.fail('keys are gone');
			const { context } = contextFor(plugin, fresh, { now: () => now });
			await expect(redeem(context)).rejects.toMatchObject({ reason: 'unavailable' });
		} finally {
			await fresh.close();
		}
	});
});

describe('the self-test', () => {
	it('passes with a key that Apple knows', async () => {
		await expect(plugin.selfTest?.(contextWith())).resolves.toBeUndefined();
	});

	it.each([
		['another key', { privateKey: otherKey('P-256') }],
		['another key id', { keyId: 'OTHER00KEY' }],
		['another team', { teamId: 'OTHER0TEAM' }],
		['another services id', { servicesId: 'com.stranger.web' }],
	])('names %s', async (_, config) => {
		await expect(plugin.selfTest?.(contextWith(config))).rejects.toMatchObject({
			reason: 'config',
			message: expect.stringMatching(/invalid_client/) as string,
		});
	});
});
