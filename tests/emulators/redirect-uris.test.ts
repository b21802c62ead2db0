/** Emulated vendors lead a browser back to what the operator has entered there, as the real ones do. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { Plugin } from '../../src/lib/plugin-kit';
import { contextFor } from './plugin-context';
import { enterRedirectUris } from './vendors';

const origin = 'https://id.example.com';
/** What each of them answers for another address. */
const refusals: Readonly<Record<string, RegExp>> = {
	alipay: /回调地址有误/,
	apple: /Invalid web redirect url/,
	dingtalk: /参数错误/,
	facebook: /URL Blocked/,
	google: /redirect_uri_mismatch/,
	oidc: /invalid_request/,
	qq: /100010 redirect uri is illegal/,
	weibo: /redirect_uri_mismatch/,
};

async function vendorOf(id: string) {
	const at = (file: string) => join(import.meta.dirname, '..', '..', 'plugins', id, file);
	const { startEmulator } = (await import(at('emulator.ts'))) as { startEmulator(): Promise<Emulator> };
	const { default: plugin } = (await import(at('index.server.ts'))) as { default: Plugin };
	const vendor = await startEmulator();
	enterRedirectUris({ [id]: vendor }, { origin, apps: [4] });
	/** The vendor's page, where the plugin names this address. */
	const askFor = async (redirectUri: string) => {
		const start = { redirectUri, state: 's-1', nonce: 'n-1' };
		const departure = await plugin.redirect?.begin(start, contextFor(plugin, vendor).context);
		return fetch(departure?.url ?? '', { redirect: 'manual' });
	};
	return { vendor, askFor };
}

describe.each(Object.entries(refusals))('%s', (id, refusal) => {
	it('leads back to the address that was entered, to the letter', async () => {
		const { vendor, askFor } = await vendorOf(id);
		try {
			const entered = `${origin}/apps/4/connect/${id}/callback`;
			expect(await (await askFor(entered)).text()).toContain('Approve as Mei');
			const others = [
				`${entered}/`,
				`${entered}?a=b`,
				entered.replace('/apps/4/', '/apps/5/'),
				entered.replace('https:', 'http:'),
				entered.replace('id.example.com', 'id.example.com:8443'),
				entered.replace('id.example.com', 'id.example.com.evil.example'),
			];
			for (const other of others) {
				const page = await askFor(other);
				expect([other, page.status]).toEqual([other, 400]);
				const text = await page.text();
				expect(text).toMatch(refusal);
				expect(text).not.toContain('Approve');
			}
		} finally {
			await vendor.close();
		}
	});
});

describe('github', () => {
	it('leads to the address that was entered and to those below it, and takes an error home from any other', async () => {
		const { vendor, askFor } = await vendorOf('github');
		try {
			const entered = `${origin}/apps/4/connect/github/callback`;
			for (const fine of [entered, `${entered}/below`])
				expect(await (await askFor(fine)).text()).toContain('Approve as Mei');
			const others = [
				`${entered}-too`,
				`${origin}/apps/5/connect/github/callback`,
				entered.replace('https:', 'http:'),
				entered.replace('id.example.com', 'id.example.com:8443'),
				entered.replace('id.example.com', 'evil.example'),
			];
			for (const other of others) {
				const home = new URL((await askFor(other)).headers.get('location') ?? '');
				expect(home.origin + home.pathname).toBe(entered);
				expect(Object.fromEntries(home.searchParams)).toMatchObject({
					error: 'redirect_uri_mismatch',
					state: 's-1',
				});
			}
			// Without a registered address there is none to redirect to.
			vendor.redirectUris.clear();
			expect((await askFor(entered)).status).toBe(404);
		} finally {
			await vendor.close();
		}
	});

	it('takes any port of this machine, where apps listen anywhere', async () => {
		const { vendor, askFor } = await vendorOf('github');
		try {
			vendor.redirectUris.add('http://127.0.0.1/cb');
			expect(await (await askFor('http://127.0.0.1:5555/cb')).text()).toContain('Approve as Mei');
			expect((await askFor('http://localhost:5555/cb')).status).toBe(302);
		} finally {
			await vendor.close();
		}
	});
});

describe('dingtalk', () => {
	it('lets the members of the company choose that was asked for', async () => {
		const { vendor, askFor } = await vendorOf('dingtalk');
		try {
			const page = await (await askFor(`${origin}/apps/4/connect/dingtalk/callback`)).text();
			expect(page).toContain('Approve as Li');
			expect(page).not.toContain('Approve as Guest');
		} finally {
			await vendor.close();
		}
	});
});
