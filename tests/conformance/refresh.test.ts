import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startAppliance, type Appliance } from './appliance';
import { Browser } from './browser';
import { refreshBare, RelyingParty, userinfoStatus } from './relying-party';

let appliance: Appliance;
const parties: Record<string, RelyingParty> = {};
const second = 1000;
const day = 86_400 * second;
const offline = { scope: 'openid offline_access', prompt: 'consent' };

const party = (id: string): RelyingParty => {
	const found = parties[id];
	if (!found) throw new Error(id);
	return found;
};
async function freshTokens(id: string, browser = new Browser(appliance.origin)) {
	const tokens = await party(id).signIn(browser, 'alice', id === 'ours' ? {} : offline);
	return { refresh: tokens.refresh_token ?? '', access: tokens.access_token };
}
const refresh = (id: string, token: string) => refreshBare(party(id), token);
const userinfo = (token: string | undefined) => userinfoStatus(appliance.issuer(4), token ?? '');
const moveTo = (time: number) => {
	vi.useFakeTimers({ toFake: ['Date'] });
	vi.setSystemTime(time);
};

beforeAll(async () => {
	appliance = await startAppliance();
	await appliance.addApp(4);
	await appliance.addUser(4, 'alice');
	await appliance.addClient(4, { id: 'public' });
	await appliance.addClient(4, { id: 'confidential', secret: 's' });
	await appliance.addClient(4, { id: 'ours', firstParty: true });
	for (const id of ['public', 'confidential', 'ours'])
		parties[id] = await RelyingParty.discover({
			issuer: appliance.issuer(4),
			id,
			...(id === 'confidential' ? { secret: 's' } : {}),
		});
});
afterEach(() => vi.useRealTimers());
afterAll(() => appliance.close());

describe.each(['public', 'confidential', 'ours'])('a refresh token of the client %s (A08)', (id) => {
	it('is replaced by each use', async () => {
		const first = await freshTokens(id);
		const next = await refresh(id, first.refresh);
		expect(next.status).toBe(200);
		expect(next.body['refresh_token']).not.toBe(first.refresh);
		expect(next.body['id_token']).toBeTypeOf('string');
		expect(await userinfo(next.body['access_token'])).toBe(200);
		expect((await refresh(id, next.body['refresh_token'] ?? '')).status).toBe(200);
	});

	it('used again ends its whole family', async () => {
		const first = await freshTokens(id);
		const next = await refresh(id, first.refresh);
		moveTo(Date.now() + 6 * second);
		expect(await refresh(id, first.refresh)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
		expect(await userinfo(next.body['access_token'])).toBe(401);
		expect(await userinfo(first.access)).toBe(401);
		expect(await refresh(id, next.body['refresh_token'] ?? '')).toMatchObject({
			status: 400,
			body: { error: 'invalid_grant' },
		});
	});

	it('used by twenty at once serves one, and that one goes on', async () => {
		const first = await freshTokens(id);
		const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(id, first.refresh)));
		const winners = answers.filter(({ status }) => status === 200);
		expect(winners).toHaveLength(1);
		for (const loser of answers.filter(({ status }) => status !== 200))
			expect(loser).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
		expect(await userinfo(winners[0]?.body['access_token'])).toBe(200);
		expect((await refresh(id, winners[0]?.body['refresh_token'] ?? '')).status).toBe(200);
	});

	it('does not live longer by being used', async () => {
		const began = Date.now();
		let { refresh: token } = await freshTokens(id);
		for (const days of [10, 20, 29]) {
			moveTo(began + days * day);
			token = (await refresh(id, token)).body['refresh_token'] ?? '';
		}
		moveTo(began + 30 * day + 10 * second);
		expect(await refresh(id, token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
	});
});

it('a stranger’s client cannot use it, nor can a wrong secret', async () => {
	const { refresh: token } = await freshTokens('confidential');
	expect(await refresh('public', token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
	const { token_endpoint: endpoint = '' } = party('confidential').config.serverMetadata();
	const form = new URLSearchParams({
		grant_type: 'refresh_token',
		refresh_token: token,
		client_id: 'confidential',
		client_secret: 'wrong',
	});
	expect((await fetch(endpoint, { method: 'POST', body: form })).status).toBe(401);
	expect((await refresh('confidential', token)).status).toBe(200);
});

it('is given to third parties only for offline access, which a person must have allowed', async () => {
	const browser = new Browser(appliance.origin);
	const tokens = await party('confidential').signIn(browser, 'alice', { scope: 'openid offline_access' });
	expect(tokens.refresh_token).toBeUndefined();
	expect((await party('confidential').signIn(browser, 'alice', offline)).asked).toEqual(['consent']);
});

it('cannot ask for more than was granted', async () => {
	const { refresh: token } = await freshTokens('public');
	const { token_endpoint: endpoint = '' } = party('public').config.serverMetadata();
	const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'public' };
	const response = await fetch(endpoint, {
		method: 'POST',
		body: new URLSearchParams({ ...form, scope: 'openid email role' }),
	});
	expect(await response.json()).toMatchObject({ error: 'invalid_scope' });
});

it('stops the guessing of secrets, and knows the guesser after that', async () => {
	const { introspection_endpoint: endpoint = '' } = party('confidential').config.serverMetadata();
	const guess = (secret: string) =>
		fetch(endpoint, {
			method: 'POST',
			body: new URLSearchParams({ token: 'x', client_id: 'confidential', client_secret: secret }),
		});
	const statuses: number[] = [];
	for (let index = 0; index < 62; index += 1) statuses.push((await guess(`wrong-${index}`)).status);
	expect(statuses.slice(0, 59).every((status) => status === 401)).toBe(true);
	expect(statuses.at(-1)).toBe(429);
	expect((await guess('s')).status).toBe(429);
	moveTo(Date.now() + 16 * 60 * second);
	expect((await guess('s')).status).toBe(200);
});
