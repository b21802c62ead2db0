/**
 * Ways in that have no page of ours: a native app, a mini program, a page inside DingTalk. The vendor gives them a
 * ticket, and they bring it through the client; the account centre in a browser shows what became of it.
 */
import { expect, test, type Page } from '@playwright/test';
import { startEmulator as startAlipay } from '../../plugins/alipay/emulator';
import { startEmulator as startApple } from '../../plugins/apple/emulator';
import { startEmulator as startDingtalk } from '../../plugins/dingtalk/emulator';
import { startEmulator as startWechatApp } from '../../plugins/wechat-app/emulator';
import { startEmulator as startMiniProgram } from '../../plugins/wechat-miniprogram/emulator';
import { createMenshenClient, refusalOf, type MenshenClient } from '../../src/lib/client';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { RunningAppliance } from '../appliance';
import { appleToken, dingtalkCode, giveTicket, type Person, type Ticket } from '../emulators/tickets';
import { connectorsOf, password, signInByPassword, startWithVendors } from './vendor-story';

interface Way {
	/** As the account centre calls it. */
	name: string;
	start(): Promise<Emulator>;
	/** Tickets issued to another program, or by another issuer. */
	giveElsewhere(vendor: Emulator): Promise<Ticket[]>;
	/** What happens at the vendor, and the error code for the program. */
	troubles: Readonly<Record<string, string>>;
}

/** The code in the address that "Approve as Mei" of the vendor's web page leads to. */
async function webCode(vendor: Emulator, query: Record<string, string>, name: string): Promise<Ticket> {
	const redirect_uri = 'http://127.0.0.1/cb';
	vendor.redirectUris.add(redirect_uri);
	const page = await fetch(
		`${vendor.endpoints['authorize'] ?? ''}?${new URLSearchParams({ redirect_uri, state: 's', ...query }).toString()}`,
	);
	const link = /href="([^"]+)">Approve as Mei/.exec(await page.text())?.[1]?.replaceAll('&#38;', '&') ?? '';
	return { ticket: new URL(link).searchParams.get(name) ?? '' };
}

const outage = { down: 'plugin/provider-unavailable', nonsense: 'plugin/provider-unavailable' };

const ways: Readonly<Record<string, Way>> = {
	'wechat-app': {
		name: 'WeChat in your app',
		start: startWechatApp,
		async giveElsewhere() {
			const other = await startMiniProgram();
			const code = other.login('mei');
			await other.close();
			return [{ ticket: code }];
		},
		troubles: { '40029 invalid code': 'auth/not-accepted', ...outage },
	},
	'wechat-miniprogram': {
		name: 'WeChat mini program',
		start: startMiniProgram,
		async giveElsewhere() {
			const other = await startWechatApp();
			const code = other.approve('mei');
			await other.close();
			return [{ ticket: code }];
		},
		troubles: { '40029 invalid code': 'auth/not-accepted', ...outage },
	},
	dingtalk: {
		name: 'DingTalk',
		start: startDingtalk,
		giveElsewhere: async (vendor) => [await dingtalkCode(vendor, { as: 'Guest', corpId: 'dingcorp0other' })],
		troubles: { '40078 code unknown or used': 'auth/not-accepted', ...outage },
	},
	alipay: {
		name: 'Alipay',
		start: startAlipay,
		giveElsewhere: async (vendor) => [
			await webCode(vendor, { app_id: String(vendor.config['appId']), scope: 'auth_base' }, 'auth_code'),
		],
		troubles: { 'isv.code-invalid': 'auth/not-accepted', ...outage },
	},
	apple: {
		name: 'Apple',
		start: startApple,
		giveElsewhere: async (vendor) => [
			await appleToken(vendor, { person: 'Mei', aud: 'com.example.somebody-elses' }),
			await appleToken(vendor, { person: 'Mei', forgery: 'id token signed by a stranger' }),
			{ ...(await appleToken(vendor, { person: 'Mei' })), params: { nonce: 'of-another-sign-in' } },
		],
		// The keys are known by now: people authenticated by Apple get in even while it is down.
		troubles: { 'keys are gone': 'done', down: 'done' },
	},
};
const connectors = Object.keys(ways);
const appOf = (connector: string): number => 10 + connectors.indexOf(connector);

let appliance: RunningAppliance;
const vendors: Record<string, Emulator> = {};

test.beforeAll(async () => {
	for (const [connector, { start }] of Object.entries(ways)) vendors[connector] = await start();
	const apps = connectors.map((connector) => ({
		id: appOf(connector),
		name: `Shop of ${connector}`,
		connectors: {
			password: { enabled: true },
			...connectorsOf({ [connector]: vendors[connector] as Emulator }),
		},
		users: [{ username: 'alice', password }],
	}));
	appliance = await startWithVendors(apps, vendors);
});
test.afterAll(async () => {
	await appliance.stop();
	await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
});

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
	return work.then(
		() => 'done',
		(error: unknown) => refusalOf(error)?.code ?? Promise.reject(error as Error),
	);
}

for (const [connector, way] of Object.entries(ways))
	test.describe(`a ticket of ${connector}`, () => {
		test.describe.configure({ mode: 'serial' });
		const program = (): MenshenClient =>
			createMenshenClient({ origin: appliance.origin, app: appOf(connector) });
		const vendor = (): Emulator => vendors[connector] as Emulator;
		const give = async (person: Person): Promise<Ticket> =>
			(await giveTicket[connector]?.(vendor(), person)) ?? { ticket: '' };
		const signIn = (client: MenshenClient, ticket: Ticket) =>
			client.auth.signInWithTicket.mutate({ connector, ...ticket });
		const signInAs = async (client: MenshenClient, person: Person) => signIn(client, await give(person));
		const openAccount = async (page: Page) => {
			await page.goto(`${appliance.origin}/apps/${appOf(connector)}/account/security`);
			await signInByPassword(page, 'alice');
		};
		const linkedHere = (page: Page) => page.getByRole('listitem').filter({ hasText: way.name });

		test('makes an account, and opens it again', async () => {
			const client = program();
			const asked = await signInAs(client, 'Mei');
			expect(asked).toMatchObject({ status: 'ask', join: true });
			if (asked.status !== 'ask') return;
			await client.auth.joinExternal.mutate({ pending: asked.pending });
			const me = await client.me.get.query();
			expect(await client.me.identities.list.query()).toMatchObject([{ connector }]);
			// The only way in stays.
			const [own] = await client.me.identities.list.query();
			expect(await codeOf(client.me.identities.unlink.mutate({ id: own?.id ?? '' }))).toBe(
				'auth/last-way-in',
			);
			await client.auth.signOut.mutate();
			expect(await codeOf(client.me.get.query())).toBe('auth/not-signed-in');
			const later = program();
			expect(await signInAs(later, 'Mei')).toMatchObject({ status: 'signed-in' });
			expect((await later.me.get.query()).id).toBe(me.id);
		});

		test('is bound to an account one has, shown in the account centre, and unbound there', async ({
			page,
		}) => {
			const client = program();
			await client.auth.signIn.mutate({ identifier: 'alice', password });
			const bind = async (person: Person, typed: string) => {
				const ticket = await give(person);
				return codeOf(client.me.identities.linkTicket.mutate({ connector, ...ticket, password: typed }));
			};
			expect(await bind('Li', 'wrong-password-of-hers')).toBe('auth/invalid-credentials');
			// Mei has an account of her own.
			expect(await bind('Mei', password)).toBe('identity/taken');
			expect(await bind('Li', password)).toBe('done');
			const other = program();
			expect(await signInAs(other, 'Li')).toMatchObject({ status: 'signed-in' });
			expect(await other.me.get.query()).toMatchObject({ username: 'alice' });

			await openAccount(page);
			await expect(linkedHere(page)).toHaveCount(1);
			await page.locator('summary').filter({ hasText: 'Unlink' }).click();
			await page.locator('form[action$="unlink"] [name=password]').fill(password);
			await page.getByRole('button', { name: 'Unlink', exact: true }).click();
			await expect(page.getByText('The account was unlinked.')).toBeVisible();
			await expect(linkedHere(page)).toHaveCount(0);
			expect(await signInAs(program(), 'Li')).toMatchObject({ status: 'ask' });
		});

		test('is of no use where the vendor refuses, is down or talks nonsense', async () => {
			for (const [trouble, code] of Object.entries(way.troubles)) {
				const ticket = await give('Mei');
				vendor().fail(trouble);
				const told = await codeOf(signIn(program(), ticket));
				vendor().fail();
				expect([trouble, told]).toEqual([trouble, code]);
			}
			expect(await signInAs(program(), 'Mei')).toMatchObject({ status: 'signed-in' });
		});

		test('works once, and only if it was given to this program', async () => {
			const ticket = await give('Mei');
			expect(await signIn(program(), ticket)).toMatchObject({ status: 'signed-in' });
			expect(await codeOf(signIn(program(), ticket))).toBe('auth/not-accepted');
			for (const strange of await way.giveElsewhere(vendor()))
				expect(await codeOf(signIn(program(), strange))).toBe('auth/not-accepted');
			expect(await codeOf(signIn(program(), { ticket: 'nobody-gave-this' }))).toBe('auth/not-accepted');
		});
	});
