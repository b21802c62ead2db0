import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applianceUnderTest, type ApplianceUnderTest } from '../../../../tests/appliance-under-test';
import { takePosted } from '../flows/external/posted';
import type { AppServices } from '../flows/services';

let under: ApplianceUnderTest;
let app: AppServices;
let server: Server;

/** As server.js does it: what is not handled is left to SvelteKit. */
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
	server = createServer((req, res) => {
		void under.appliance.dispatch(req, res).then((taken) => taken || res.writeHead(418).end());
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await under.close();
});

const form = 'application/x-www-form-urlencoded';
const callback = (connector = 'apple', id = app.id) => `/apps/${id}/connect/${connector}/callback`;
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
	fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
		method: 'POST',
		body,
		redirect: 'manual',
		headers: { 'content-type': form, origin: 'https://appleid.apple.com', ...headers },
	});
const idIn = (answer: Response) =>
	new URL(answer.headers.get('location') ?? '', 'http://x').searchParams.get('posted') ?? '';

describe('a form that a vendor posts from its own site', () => {
	it('is stored, and the browser fetches it by itself', async () => {
		const answer = await post(callback(), 'state=s&code=c%20d&user=%7B%7D');
		expect(answer.status).toBe(303);
		expect(answer.headers.get('location')).toMatch(
			/^\/apps\/\d+\/connect\/apple\/callback\?posted=[\w-]{43}$/,
		);
		expect(await takePosted(app, { connector: 'apple', id: idIn(answer) })).toEqual({
			state: 's',
			code: 'c d',
			user: '{}',
		});
	});

	it('sets no cookie, is not cached, and keeps what it carries out of the address', async () => {
		const answer = await post(callback(), 'state=very-secret&code=more-secret');
		expect(answer.headers.get('set-cookie')).toBeNull();
		expect(answer.headers.get('cache-control')).toBe('no-store');
		expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
		expect(answer.headers.get('location')).not.toContain('secret');
	});

	it.each([
		['too large', 'a='.padEnd(17_000, 'x'), {}],
		['of too many fields', Array.from({ length: 30 }, (_, at) => `f${at}=1`).join('&'), {}],
		['no form', '{"state":"s"}', { 'content-type': 'application/json' }],
	])('that is %s is kept nowhere', async (_what, body, headers) => {
		const answer = await post(callback(), body, headers);
		expect([answer.status, answer.headers.get('location')]).toEqual([303, callback()]);
	});

	it.each(['password', 'nothing'])(
		'is not stored for a connector without redirect: %s',
		async (connector) => {
			expect(idIn(await post(callback(connector), 'state=s'))).toBe('');
		},
	);

	it('is not stored for an unknown app', async () => {
		expect(idIn(await post(callback('apple', 999_999), 'state=s'))).toBe('');
	});

	it.each([
		'/apps/1/connect/apple/callback/more',
		'/apps/01/connect/apple/callback',
		'/apps/1/connect/A/callback',
		'/apps/1/sign-in',
	])('is taken at no other address: %s', async (path) =>
		expect((await post(path, 'state=s')).status).toBe(418),
	);

	it('must be a post: a page is left to SvelteKit', async () => {
		const { port } = server.address() as AddressInfo;
		expect((await fetch(`http://127.0.0.1:${port}${callback()}`)).status).toBe(418);
	});
});
