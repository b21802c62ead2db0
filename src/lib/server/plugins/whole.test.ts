import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { folderOf, hostUnderTest, manifestOf, refusalOf as refusalIn } from './host-under-test';

const refusalOf = async (work: Promise<unknown>) => ((await refusalIn(work)) as { code?: string }).code;
const text = { en: 'x', 'zh-CN': 'x' };
/** Either of two accounts is enough, which no single field can express. */
const config = z
	.object({ one: z.string().optional(), other: z.string().optional() })
	.refine(({ one, other }) => one ?? other, { path: ['one'] });
let loads = 0;
const either = folderOf(
	manifestOf({
		id: 'either',
		config: ['one', 'other'].map((key) => ({ key, type: 'text', label: text })),
	}),
	async () => {
		loads += 1;
		const { definePlugin } = await import('../../plugin-kit');
		return {
			default: definePlugin({
				manifest: manifestOf({
					id: 'either',
					config: ['one', 'other'].map((key) => ({ key, type: 'text', label: text })),
				}),
				config,
				secret: { enrol: () => 'stored', check: () => ({ ok: true }) },
			}),
		};
	},
);
const broken = folderOf(manifestOf({ id: 'broken' }), () => Promise.reject(new Error('cannot be loaded')));

describe('settings that only the plugin’s own code can validate', () => {
	it('are validated for operators, also where the plugin is off', async () => {
		const { app } = await hostUnderTest({ folders: [either] });
		const configured = async () =>
			(await app.listForOperators()).find(({ id }) => id === 'either')?.configured;
		expect(await configured()).toBe(false);
		await app.save('either', { values: { other: 'there' } });
		expect(await configured()).toBe(true);
		await app.save('either', { values: { other: null } });
		expect(await configured()).toBe(false);
	});

	it('make WeChat on the web incomplete while it has no account', async () => {
		const { app } = await hostUnderTest();
		const web = async () => (await app.listForOperators()).find(({ id }) => id === 'wechat-web');
		expect(await web()).toMatchObject({ configured: false });
		await app.save('wechat-web', { values: { websiteAppId: 'wx1', websiteAppSecret: 'secret' } });
		expect(await web()).toMatchObject({ configured: true });
	});

	it('are required when it is switched on', async () => {
		const { app } = await hostUnderTest({ folders: [either] });
		await expect(app.save('either', { enabled: true })).rejects.toMatchObject({
			code: 'plugin/config-invalid',
			fields: { one: 'input/invalid' },
		});
		expect(await app.isEnabled('either')).toBe(false);
		await app.save('either', { values: { one: 'there' }, enabled: true });
		expect(await app.isEnabled('either')).toBe(true);
		expect(await refusalOf(app.save('either', { values: { one: null } }))).toBe('plugin/config-invalid');
	});

	it('make calls fail where inherited ones are gone', async () => {
		const { app, host } = await hostUnderTest({ folders: [either] });
		await host.appliance.save('either', { values: { one: 'shared' } });
		await app.save('either', { enabled: true });
		expect(await app.secret('either').enrol({ secret: 's' })).toBe('stored');
		await host.appliance.save('either', { values: { one: null } });
		expect(await refusalOf(app.secret('either').enrol({ secret: 's' }))).toBe('plugin/config-invalid');
		expect((await app.list()).find(({ id }) => id === 'either')).toMatchObject({
			enabled: true,
			configured: false,
		});
		// It can still be moved in the list.
		await app.save('either', { position: 3 });
		expect((await app.list()).find(({ id }) => id === 'either')).toMatchObject({ position: 3 });
	});

	it('do not load the code of plugins that are off in the list that sign-in pages use', async () => {
		const { app } = await hostUnderTest({ folders: [either] });
		const before = loads;
		await app.list();
		expect(loads).toBe(before);
		await app.listForOperators();
		expect(loads).toBe(before + 1);
	});

	it('count as valid where the code cannot be loaded: a call reports the fault', async () => {
		const { app } = await hostUnderTest({ folders: [broken] });
		expect((await app.listForOperators()).find(({ id }) => id === 'broken')).toMatchObject({
			configured: true,
		});
		await app.save('broken', { enabled: true });
		expect(await refusalOf(app.secret('broken').enrol({ secret: 's' }))).toBe('plugin/provider-unavailable');
	});

	it('fail the self-test with their own error', async () => {
		const { app } = await hostUnderTest({ folders: [either] });
		expect(await app.selfTest('either')).toMatchObject({
			ok: false,
			code: 'plugin/config-invalid',
			detail: 'one',
		});
	});
});

describe('the README of a plugin', () => {
	it('can be read for built-in plugins, and is empty where there is none', async () => {
		const { app } = await hostUnderTest({ folders: [either] });
		expect(await app.guideOf('wechat-web')).toMatch(/^# WeChat on the web/);
		expect(await app.guideOf('wechat-web', 'zh-CN')).toMatch(/^# .*微信/);
		expect(await app.guideOf('either')).toBe('');
		expect(await refusalOf(app.guideOf('nothing'))).toBe('plugin/not-found');
	});
});
