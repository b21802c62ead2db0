import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator as startApple } from '../../../../../plugins/apple/emulator';
import { startEmulator as startWechat, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
import {
	applianceUnderTest,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import { startPostgres, type PostgresServer } from '../../../../../tests/storage/postgres-server';
import type { AppServices } from '../services';
import { redeemTicket } from './redeem-ticket';

type Vendor = Awaited<ReturnType<typeof startApple>>;
interface Token {
	nonce: string;
	token: string;
}

describe.each(['SQLite', 'PostgreSQL'])('a ticket on %s', (engine) => {
	let server: PostgresServer | undefined;
	let vendors: { apple: Vendor; 'wechat-app': AppEmulator };
	let under: ApplianceUnderTest;

	beforeAll(async () => {
		server = engine === 'PostgreSQL' ? await startPostgres() : undefined;
		vendors = { apple: await startApple(), 'wechat-app': await startWechat() };
		under = await applianceUnderTest({
			...endpointsEnv(vendors),
			...(server && {
				DATABASE_URL: await server.createDatabase('tickets'),
				MASTER_KEY: randomBytes(32).toString('base64'),
			}),
		});
		// Settings that every app inherits.
		const { appliance } = under.appliance.services.plugins;
		await appliance.save('apple', { enabled: true, values: vendors.apple.config, trusted: true });
	});
	afterAll(async () => {
		await under.close();
		await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
		await server?.stop();
	});

	async function freshApp(): Promise<AppServices> {
		const app = await under.app();
		await app.plugins.save('apple', { enabled: true });
		await enableVendors(app, { 'wechat-app': vendors['wechat-app'] });
		return app;
	}
	let asked = 0;
	/** For one sign-in: an app makes a nonce for each. */
	async function identityToken(): Promise<Token> {
		const nonce = `nonce-${++asked}`;
		const query = new URLSearchParams({ nonce: createHash('sha256').update(nonce).digest('hex') });
		return { nonce, token: await (await fetch(`${vendors.apple.url}/native?${query}`)).text() };
	}
	const redeem = (app: AppServices, { nonce, token }: Token) =>
		refusalOf(redeemTicket(app, { connector: 'apple', ticket: token, params: { nonce } }, visitor()));

	/** Another spelling of the same bytes: some bits of the last character are ignored. */
	function respelt(token: string): string {
		const signature = token.slice(token.lastIndexOf('.') + 1);
		const bytes = Buffer.from(signature, 'base64url');
		const signs = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
		const other = [...signs]
			.map((sign) => `${signature.slice(0, -1)}${sign}`)
			.find((text) => text !== signature && Buffer.from(text, 'base64url').equals(bytes));
		return token.replace(signature, other ?? signature);
	}

	it('that is signed works once, however it is spelt', async () => {
		const app = await freshApp();
		const { nonce, token } = await identityToken();
		expect(await redeem(app, { nonce, token })).toBe('done');
		const inner = `${token.slice(0, -5)} ${token.slice(-5)}`;
		const again = [token, ` ${token}\n`, respelt(token), `${token}==`, inner];
		for (const other of again) expect(await redeem(app, { nonce, token: other })).toBe('auth/not-accepted');
		expect(respelt(token)).not.toBe(token);
		const [event] = await app.store.read.audit.list({ action: 'user.sign-in', limit: 1 });
		expect(event).toMatchObject({ outcome: 'refused', detail: { connector: 'apple' } });
	});

	it('that is signed works once among all the apps that share the settings', async () => {
		const [one, other] = [await freshApp(), await freshApp()];
		const token = await identityToken();
		expect(await redeem(one, token)).toBe('done');
		expect(await redeem(other, token)).toBe('auth/not-accepted');
		expect(await redeem(other, await identityToken())).toBe('done');
	});

	it('that was refused is not used up', async () => {
		const app = await freshApp();
		const token = await identityToken();
		expect(await redeem(app, { ...token, nonce: 'another' })).toBe('auth/not-accepted');
		expect(await redeem(app, token)).toBe('done');
	});

	it.each(['apple', 'wechat-app'] as const)(
		'of %s works once however often it comes at once',
		async (connector) => {
			const app = await freshApp();
			const ticket = connector === 'apple' ? (await identityToken()).token : 'a-code';
			// The vendor accepts the ticket each time, for all requests at the same moment.
			const external = { subject: 'mei', scope: 'app', also: [], profile: {} };
			const ticketOf = () => ({ redeem: () => Promise.resolve(external) });
			const services: AppServices = { ...app, plugins: { ...app.plugins, ticket: ticketOf } };
			const redeemed = () => refusalOf(redeemTicket(services, { connector, ticket }, visitor()));
			const answers = await Promise.all(Array.from({ length: 5 }, redeemed));
			expect(answers.sort()).toEqual([...Array<string>(4).fill('auth/not-accepted'), 'done']);
		},
	);
});
