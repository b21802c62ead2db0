/**
 * Four kinds of WeChat app know a person by four openids, and by one unionid that may arrive late. Whichever comes
 * first: one person ends up as one user.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator as startApp, type AppEmulator } from '../../../../../plugins/wechat-app/emulator';
import {
	startEmulator as startMini,
	type MiniProgramEmulator,
} from '../../../../../plugins/wechat-miniprogram/emulator';
import { startEmulator as startWeb, type WebEmulator } from '../../../../../plugins/wechat-web/emulator';
import {
	applianceUnderTest,
	refusalOf,
	signedInBy,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { enableVendors, endpointsEnv } from '../../../../../tests/emulators/vendors';
import type { PersonKey, World } from '../../../../../tests/emulators/wechat-cast';
import type { AppServices } from '../services';
import { updateUser } from '../users/manage-users';
import { enterExternal, type Arrived } from './enter-external';
import { redeemTicket } from './redeem-ticket';
import { beginRedirect, finishRedirect } from './redirect';
import { undoMerge } from './merge-users';

let vendors: {
	'wechat-miniprogram': MiniProgramEmulator;
	'wechat-web': WebEmulator;
	'wechat-app': AppEmulator;
};
let under: ApplianceUnderTest;
const worlds: readonly World[] = ['miniprogram', 'website', 'official', 'app'];

beforeAll(async () => {
	vendors = {
		'wechat-miniprogram': await startMini(),
		'wechat-web': await startWeb(),
		'wechat-app': await startApp(),
	};
	under = await applianceUnderTest(endpointsEnv(vendors));
});
afterAll(async () => {
	await under.close();
	await Promise.all(Object.values(vendors).map((vendor) => vendor.close()));
});

function permutations<T>(items: readonly T[]): T[][] {
	if (items.length === 0) return [[]];
	return items.flatMap((item, index) =>
		permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
	);
}

const bind = (bound: boolean) => Object.values(vendors).forEach((vendor) => vendor.bind(bound));

async function throughBrowser(
	app: AppServices,
	half: 'website' | 'official',
	person: PersonKey,
): Promise<Arrived> {
	const browser = 'a-browser';
	const inside = half === 'official' ? ({ inside: 'wechat' } as const) : {};
	const url = await beginRedirect(app, { connector: 'wechat-web', browser, back: '/', ...inside }, visitor());
	const state = new URL(url).searchParams.get('state') ?? '';
	const query = { state, code: vendors['wechat-web'].approve(person, half) };
	const { outcome } = await finishRedirect(app, { connector: 'wechat-web', query, browser }, visitor());
	if ('refusal' in outcome) throw outcome.refusal;
	return outcome.arrived;
}

async function arriveFrom(app: AppServices, world: World, person: PersonKey = 'mei'): Promise<Arrived> {
	if (world === 'website' || world === 'official') return throughBrowser(app, world, person);
	const connector = world === 'app' ? 'wechat-app' : 'wechat-miniprogram';
	const ticket =
		world === 'app' ? vendors['wechat-app'].approve(person) : vendors['wechat-miniprogram'].login(person);
	return redeemTicket(app, { connector, ticket }, visitor());
}

/** Signs in from one of the four kinds. @returns the user's number */
async function comeFrom(app: AppServices, world: World, person?: PersonKey): Promise<number> {
	return signedInBy(await enterExternal(app, await arriveFrom(app, world, person), visitor())).user.number;
}

async function freshApp(): Promise<AppServices> {
	const app = await under.app({ externalSignUp: 'auto' });
	await enableVendors(app, vendors);
	return app;
}

const activeUsers = async (app: AppServices) =>
	(await app.store.read.users.list({ limit: 20 })).filter(({ status }) => status === 'active');

async function namesOf(app: AppServices, userId: string): Promise<string[]> {
	const identities = await app.store.read.identities.listOfUser(userId);
	const names = await Promise.all(identities.map(({ id }) => app.store.read.identities.listNames(id)));
	return names.flat().map(({ subject }) => subject);
}

describe.each(permutations(worlds))('arriving first from %s, then %s, %s, %s', (...order) => {
	it('with unionids from the start: one user from the beginning', async () => {
		bind(true);
		const app = await freshApp();
		const numbers: number[] = [];
		for (const world of order) numbers.push(await comeFrom(app, world));
		expect(new Set(numbers).size).toBe(1);
		const [user, ...others] = await activeUsers(app);
		expect(others).toEqual([]);
		expect((await namesOf(app, user?.id ?? '')).length).toBe(5);
	});

	it('with unionids that arrive late: the accounts become one, the first one stays', async () => {
		bind(false);
		const app = await freshApp();
		const numbers: number[] = [];
		for (const world of order) numbers.push(await comeFrom(app, world));
		expect(new Set(numbers).size).toBe(4);
		bind(true);
		for (const world of [...order].reverse()) await comeFrom(app, world);
		const [user, ...others] = await activeUsers(app);
		expect(others).toEqual([]);
		expect(user?.number).toBe(Math.min(...numbers));
		for (const world of order) expect(await comeFrom(app, world)).toBe(user?.number);
		expect(new Set(await namesOf(app, user?.id ?? '')).size).toBe(5);
	});
});

describe('two people', () => {
	it('stay two, in every world', async () => {
		bind(true);
		const app = await freshApp();
		const mei = await comeFrom(app, 'miniprogram', 'mei');
		const li = await comeFrom(app, 'website', 'li');
		expect(li).not.toBe(mei);
		for (const world of worlds) {
			expect(await comeFrom(app, world, 'li')).toBe(li);
			expect(await comeFrom(app, world, 'mei')).toBe(mei);
		}
	});
});

describe('a merge', () => {
	it('happens whichever of the two reports the unionid last', async () => {
		for (const order of [
			['miniprogram', 'app'],
			['app', 'miniprogram'],
		] as const) {
			bind(false);
			const app = await freshApp();
			const first = await comeFrom(app, order[0]);
			// The older account is found first.
			under.clock.move(1000);
			await comeFrom(app, order[1]);
			bind(true);
			expect(await comeFrom(app, order[0])).toBe(first);
			expect(await comeFrom(app, order[1])).toBe(first);
			expect(await comeFrom(app, order[1])).toBe(first);
			expect((await activeUsers(app)).length).toBe(1);
		}
	});

	it('is in the audit log, and can be undone for good', async () => {
		bind(false);
		const app = await freshApp();
		const first = await comeFrom(app, 'miniprogram');
		const second = await comeFrom(app, 'app');
		bind(true);
		await comeFrom(app, 'miniprogram');
		await comeFrom(app, 'app');
		const [event] = await app.store.read.audit.list({ action: 'user.merge', limit: 5 });
		const merge = String(event?.detail['merge']);
		expect(event).toMatchObject({ outcome: 'ok', target: expect.stringMatching(/^user:/) as string });
		await undoMerge(app, { id: merge, actor: { kind: 'system', id: 't' } }, visitor());
		expect(await comeFrom(app, 'miniprogram')).toBe(first);
		expect(await comeFrom(app, 'app')).toBe(second);
		expect(await comeFrom(app, 'miniprogram')).toBe(first);
		expect((await activeUsers(app)).length).toBe(2);
	});
});

describe('a late unionid that leads to a disabled account', () => {
	async function withDisabled(disabled: World, by: World) {
		bind(false);
		const app = await freshApp();
		const numbers = { miniprogram: await comeFrom(app, 'miniprogram'), app: await comeFrom(app, 'app') };
		bind(true);
		await comeFrom(app, disabled);
		const users = await app.store.read.users.list({ limit: 5 });
		const idOf = (number: number | undefined) => users.find((user) => user.number === number)?.id ?? '';
		const [shut, open] = [disabled, by].map((world) => idOf(numbers[world as keyof typeof numbers]));
		const change = { id: shut ?? '', change: { status: 'disabled' as const }, actor: system };
		await updateUser(app, change, visitor());
		return { app, shut, open, number: numbers[by as keyof typeof numbers] };
	}

	it.each<[World, World]>([
		['miniprogram', 'app'],
		['app', 'miniprogram'],
	])('lets the active one in and tells operators once (disabled: %s)', async (disabled, by) => {
		const { app, shut, open, number } = await withDisabled(disabled, by);
		for (let times = 0; times < 3; times++) expect(await comeFrom(app, by)).toBe(number);
		const events = await app.store.read.audit.list({ action: 'user.merge', limit: 5 });
		expect(events).toMatchObject([
			{
				outcome: 'refused',
				actor: { kind: 'user', id: open },
				target: `user:${shut}`,
				detail: { connector: by === 'app' ? 'wechat-app' : 'wechat-miniprogram' },
			},
		]);
		expect(await activeUsers(app)).toMatchObject([{ id: open }]);
		expect((await namesOf(app, shut ?? '')).length).toBe(2);
		expect((await namesOf(app, open ?? '')).length).toBe(1);
	});

	it('keeps out the person who signs in as the disabled user', async () => {
		const { app, number } = await withDisabled('app', 'miniprogram');
		expect(await comeFrom(app, 'miniprogram')).toBe(number);
		expect(await refusalOf(comeFrom(app, 'app'))).toBe('auth/account-disabled');
	});
});
