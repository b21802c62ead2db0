import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	sessionOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { writePlugin } from '../../plugins/external/external-under-test';
import { linkReturned, listOwnWaysIn, unlinkOwn } from '../account/change-ways-in';
import type { Actor, ApplianceServices } from '../services';
import { approvePlugin, listExternalPlugins, revokePlugin } from './review-external';

const owner: Actor = { kind: 'operator', id: 'o', role: 'owner' };
const operator: Actor = { kind: 'operator', id: 'p', role: 'operator' };

let under: ApplianceUnderTest;
let services: ApplianceServices;
beforeEach(async () => {
	under = await applianceUnderTest();
	services = under.appliance.services;
});
afterEach(() => under.close());

const drop = (more: Parameters<typeof writePlugin>[1] = {}) =>
	writePlugin(join(under.dataDir, 'plugins'), more);
const list = async (locale: 'en' | 'zh-CN' = 'en') => (await listExternalPlugins(services, locale)).plugins;
const digest = async () => (await list())[0]?.digest ?? '';
const events = async () =>
	(await services.control.read.audit.list({ limit: 10 })).filter(({ action }) =>
		action.startsWith('plugin.'),
	);

describe('operators’ own plugins', () => {
	it('are listed with what an owner needs for the decision', async () => {
		const field = { key: 'server', type: 'url', label: { en: 'Server', 'zh-CN': '服务器' } };
		drop({
			manifest: {
				endpoints: {
					api: 'https://api.acme.example/v1',
					own: { fromConfig: 'server' },
					all: { anyPublic: true },
				},
				config: [field],
			},
		});
		drop({ manifest: { id: 'broken' }, files: { 'manifest.json': '{' } });
		expect(await list('zh-CN')).toMatchObject([
			{
				id: 'broken',
				state: 'broken',
				problem: 'manifest.json is not JSON',
				name: 'broken',
				reaches: [],
				running: false,
			},
			{
				id: 'sample',
				state: 'found',
				name: '样例',
				kinds: ['ticket'],
				reaches: [
					{ kind: 'host', text: 'api.acme.example' },
					{ kind: 'setting', text: '服务器' },
					{ kind: 'any', text: '' },
				],
				digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
				health: { state: 'unknown' },
			},
		]);
	});

	it('run once an owner allowed the files that were shown, which is logged', async () => {
		drop();
		const app = await under.app();
		const seen = await digest();
		await approvePlugin(services, { id: 'sample', digest: seen, actor: owner }, visitor());
		expect(await list()).toMatchObject([{ state: 'approved', approvedAt: under.clock.now() }]);
		await app.plugins.save('sample', { enabled: true });
		expect(await app.plugins.ticket('sample').redeem({ ticket: 'a', params: {} })).toMatchObject({
			subject: 'a',
		});
		expect(await list()).toMatchObject([{ running: true, health: { state: 'ok' } }]);
		await revokePlugin(services, { id: 'sample', actor: owner }, visitor());
		expect(await list()).toMatchObject([{ state: 'found', running: false }]);
		expect(await refusalOf(app.plugins.ticket('sample').redeem({ ticket: 'a', params: {} }))).toBe(
			'plugin/not-enabled',
		);
		expect(await events()).toMatchObject([
			{ action: 'plugin.withdraw', target: 'plugin:sample' },
			{
				action: 'plugin.allow',
				target: 'plugin:sample',
				actor: { kind: 'operator', id: 'o' },
				detail: { digest: seen },
			},
		]);
	});

	it('that changed since the owner looked are not allowed', async () => {
		const folder = drop();
		const seen = await digest();
		writeFileSync(join(folder, 'README.md'), 'other');
		expect(
			await refusalOf(approvePlugin(services, { id: 'sample', digest: seen, actor: owner }, visitor())),
		).toBe('plugin/changed');
		writeFileSync(join(folder, 'manifest.json'), '{');
		expect(
			await refusalOf(approvePlugin(services, { id: 'sample', digest: '', actor: owner }, visitor())),
		).toBe('plugin/changed');
		expect(await events()).toEqual([]);
	});

	it('can be allowed by owners and the command line only', async () => {
		drop();
		const order = { id: 'sample', digest: await digest() };
		expect(await refusalOf(approvePlugin(services, { ...order, actor: operator }, visitor()))).toBe(
			'auth/forbidden',
		);
		expect(await refusalOf(revokePlugin(services, { id: 'sample', actor: operator }, visitor()))).toBe(
			'auth/forbidden',
		);
		await approvePlugin(services, { ...order, actor: system }, visitor());
		expect(await list()).toMatchObject([{ state: 'approved' }]);
	});

	it('that do not exist are not found; revoking what was never allowed changes nothing', async () => {
		expect(
			await refusalOf(approvePlugin(services, { id: 'none', digest: 'x', actor: owner }, visitor())),
		).toBe('plugin/not-found');
		expect(await refusalOf(revokePlugin(services, { id: 'none', actor: owner }, visitor()))).toBe(
			'plugin/not-found',
		);
		drop();
		await revokePlugin(services, { id: 'sample', actor: owner }, visitor());
		expect(await events()).toEqual([]);
	});

	it('stay allowed over a restart, and do not run before they are called', async () => {
		drop();
		await approvePlugin(services, { id: 'sample', digest: await digest(), actor: owner }, visitor());
		await under.restart();
		services = under.appliance.services;
		expect(await list()).toMatchObject([{ state: 'approved', running: false }]);
	});
});

describe('an identity from an operator’s plugin', () => {
	const arrival = (name: string) => ({
		connector: 'sample',
		external: { subject: name, scope: 'wx-site', also: [], profile: { name } },
	});

	it('never matches one of a built-in plugin, even where it claims the same authority', async () => {
		drop({ manifest: { authority: 'wechat' } });
		await approvePlugin(services, { id: 'sample', digest: await digest(), actor: owner }, visitor());
		const app = await under.app();
		const mei = await under.user(app, { username: 'mei', password: goodPassword });
		const impostor = await under.user(app, { username: 'impostor', password: goodPassword });
		const wechat = { connector: 'wechat-web', external: arrival('openid-1').external };
		await linkReturned(app, { user: mei, session: await sessionOf(app, mei), arrived: wechat }, visitor());
		// The same subject in the same scope is still another person.
		await linkReturned(
			app,
			{ user: impostor, session: await sessionOf(app, impostor), arrived: arrival('openid-1') },
			visitor(),
		);
		expect((await listOwnWaysIn(app, mei.id)).identities).toMatchObject([{ connector: 'wechat-web' }]);
		expect((await listOwnWaysIn(app, impostor.id)).identities).toMatchObject([{ connector: 'sample' }]);
	});

	it('can be unlinked after the plugin is gone', async () => {
		const folder = drop();
		await approvePlugin(services, { id: 'sample', digest: await digest(), actor: owner }, visitor());
		const app = await under.app();
		const user = await under.user(app, {
			username: 'mei',
			email: 'mei@example.com',
			emailVerified: true,
			password: goodPassword,
		});
		await linkReturned(app, { user, session: await sessionOf(app, user), arrived: arrival('a') }, visitor());
		rmSync(folder, { recursive: true });
		expect(await list()).toEqual([]);
		const [identity] = (await listOwnWaysIn(app, user.id)).identities;
		const proof = { user, session: { userId: user.id, authTime: app.clock.now() }, password: goodPassword };
		await unlinkOwn(app, { owner: proof, id: identity?.id ?? '' }, visitor());
		expect((await listOwnWaysIn(app, user.id)).identities).toEqual([]);
	});
});
