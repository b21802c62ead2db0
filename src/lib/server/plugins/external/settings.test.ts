/**
 * Settings of operators' plugins: validated by the plugin's own code before they are stored, and stored for it
 * alone.
 */
import { describe, expect, it } from 'vitest';
import { folderOf, manifestOf, refusalOf } from '../host-under-test';
import { externalUnderTest, type ExternalUnderTest, type Written } from './external-under-test';

const label = { en: 'L', 'zh-CN': 'L' };
const manifest = {
	config: [
		{ key: 'realm', type: 'text', label },
		{ key: 'key', type: 'text', label, secret: true },
	],
};

/** As zod answers, without zod: `judge` is the body of `safeParse(values)`. */
const judging = (judge: string, top = ''): Written => ({
	manifest,
	top: `${top}
		const bad = (...keys) => ({ success: false, error: { issues: keys.map((key) => ({ path: [key] })) } });
		const good = (data) => ({ success: true, data });`,
	parts: `{ manifest, config: { safeParse(values) { ${judge} } },
		ticket: { redeem: ({ ticket }, { config }) => ({ subject: ticket, scope: String(config.realm) }) } }`,
});

const byRealm = judging(`return values.realm === 'north' ? good({ ...values, realm: 'N' }) : bad('realm')`);

const save = (under: ExternalUnderTest, values: Record<string, unknown>) =>
	refusalOf(under.app.save('sample', { values }));
const redeem = (under: ExternalUnderTest) => under.app.ticket('sample').redeem({ ticket: 't', params: {} });
const stored = async (under: ExternalUnderTest) =>
	(await under.app.formOf('sample')).fields.map(({ value, source }) => (source === 'own' ? value : source));

describe('settings that only the plugin’s own code can validate', () => {
	it('are refused when they are saved, with the field named, and nothing is kept', async () => {
		const under = await externalUnderTest();
		under.write(byRealm);
		await under.approve();
		await under.app.save('sample', { values: { realm: 'north' }, enabled: true });
		expect(await save(under, { realm: 'south', key: 'very secret' })).toMatchObject({
			code: 'plugin/config-invalid',
			fields: { realm: 'input/invalid' },
		});
		expect(await stored(under)).toEqual(['north', 'unset']);
		// The functions get the output of the schema.
		expect(await redeem(under)).toMatchObject({ scope: 'N' });
	});

	it('may be incomplete while it is off; it cannot be switched on with them', async () => {
		const under = await externalUnderTest();
		under.write(byRealm);
		await under.approve();
		await under.app.save('sample', { values: { realm: 'south' } });
		expect(await refusalOf(under.app.save('sample', { enabled: true }))).toMatchObject({
			code: 'plugin/config-invalid',
			fields: { realm: 'input/invalid' },
		});
		expect(await under.app.isEnabled('sample')).toBe(false);
	});

	it('are validated together with inherited ones', async () => {
		const under = await externalUnderTest();
		under.write(byRealm);
		await under.approve();
		await under.host.appliance.save('sample', { values: { realm: 'north' } });
		await under.app.save('sample', { enabled: true });
		expect(await save(under, { realm: 'south' })).toMatchObject({ fields: { realm: 'input/invalid' } });
		expect(await save(under, { key: 'abcdef' })).toBe('no refusal');
	});

	const failures: [string, string, RegExp][] = [
		['hangs', `for (;;) {}`, /^no answer within 2500 ms$/],
		['throws', `throw new TypeError('boom at ' + values.key)`, /^threw TypeError: boom at \[secret\]$/],
		['answers nonsense', `return { success: false, error: { issues: 7 } }`, /^threw TypeError/],
		['waits for something', `return new Promise(() => {})`, /^threw TypeError/],
	];
	it.each(failures)('cannot be saved while its code %s, and the stored ones stay', async (_, evil, says) => {
		const under = await externalUnderTest();
		under.write(judging(`if (values.realm === 'evil') { ${evil} } return good(values)`));
		await under.approve();
		await under.app.save('sample', { values: { realm: 'north' }, enabled: true });
		expect(await save(under, { realm: 'evil', key: 'qwertz' })).toMatchObject({
			code: 'plugin/settings-unjudged',
			params: { reason: expect.stringMatching(says) as string },
		});
		expect(await stored(under)).toEqual(['north', 'unset']);
		expect(await redeem(under)).toMatchObject({ scope: 'north' });
		// It can still be switched off.
		await under.app.save('sample', { enabled: false });
		expect(await under.app.isEnabled('sample')).toBe(false);
	});

	it('delay no sign-in while its code hangs on them', async () => {
		const under = await externalUnderTest();
		under.write(judging(`if (values.realm === 'evil') for (;;) {}; return good(values)`));
		await under.approve();
		await under.app.save('sample', { values: { realm: 'north' }, enabled: true });
		const saving = save(under, { realm: 'evil' });
		const saved = saving.then(() => 'saved');
		const entered = redeem(under).then(() => 'entered');
		expect(await Promise.race([saved, entered])).toBe('entered');
		expect(await redeem(under)).toMatchObject({ scope: 'north' });
		expect(await saving).toMatchObject({ code: 'plugin/settings-unjudged' });
		expect(await redeem(under)).toMatchObject({ scope: 'north' });
	});

	it('from the apply file are stored where its code hangs, and refused where it refuses them', async () => {
		const under = await externalUnderTest();
		under.write(
			judging(
				`if (values.realm === 'evil') for (;;) {}; return values.realm === 'no' ? bad('realm') : good(values)`,
			),
		);
		await under.approve();
		const apply = (realm: string) =>
			refusalOf(under.app.save('sample', { values: { realm }, enabled: true, trusted: true }));
		expect(await apply('no')).toMatchObject({ fields: { realm: 'input/invalid' } });
		const plan = { id: 'sample', own: under.appScope, change: { values: { realm: 'no' }, enabled: true } };
		expect(await refusalOf(under.host.plan(plan))).toMatchObject({ fields: { realm: 'input/invalid' } });
		expect(await apply('evil')).toBe('no refusal');
		expect(under.logged()).toContain('settings were not judged');
		expect(await stored(under)).toEqual(['evil', 'unset']);
	});

	it('are not passed to code that is not approved', async () => {
		const under = await externalUnderTest();
		under.write(judging(`return bad('realm')`));
		await under.find();
		expect(await save(under, { realm: 'south' })).toBe('no refusal');
		expect((await under.find())?.pid).toBeUndefined();
	});

	it('that changed during the validation are not overwritten', async () => {
		const under = await externalUnderTest();
		under.write(
			judging(
				`if (values.realm === 'slow') for (const end = Date.now() + 1500; Date.now() < end;); return good(values)`,
			),
		);
		await under.approve();
		await under.app.save('sample', { values: { realm: 'north' }, enabled: true });
		const slow = save(under, { realm: 'slow' });
		const other = under.sibling().app;
		await expect.poll(async () => (await under.find())?.pid).toBeGreaterThan(0);
		await other.save('sample', { enabled: false, values: { key: 'new' } });
		expect(await slow).toMatchObject({
			code: 'plugin/settings-unjudged',
			params: { reason: 'they were changed meanwhile' },
		});
		expect(await stored(under)).toEqual(['north', null]);
	});
});

describe('an id that a later build has too', () => {
	const own = folderOf(manifestOf({ kinds: ['ticket'], ...manifest }), {
		ticket: { redeem: ({ ticket }, { config }) => ({ subject: ticket, scope: JSON.stringify(config) }) },
	});

	it('gives the built-in plugin neither the settings nor the switch of the operator’s', async () => {
		const under = await externalUnderTest();
		await under.install({ manifest });
		await under.host.appliance.save('sample', { values: { key: 'shared secret' } });
		await under.app.save('sample', { values: { realm: 'north' } });
		expect(await redeem(under)).toMatchObject({ subject: 't' });

		const upgraded = under.sibling([own]);
		const summary = async () => (await upgraded.app.list()).find(({ id }) => id === 'sample');
		expect(await summary()).toMatchObject({ enabled: false, inherited: [] });
		expect((await summary())?.external).toBeUndefined();
		expect((await upgraded.app.formOf('sample')).fields.map(({ source }) => source)).toEqual([
			'unset',
			'unset',
		]);
		await upgraded.app.save('sample', { enabled: true });
		expect(await upgraded.app.ticket('sample').redeem({ ticket: 't', params: {} })).toMatchObject({
			scope: '{}',
		});

		// After a downgrade the operator's plugin has its own again.
		await upgraded.app.save('sample', { values: { realm: 'of the build' } });
		expect(await stored(under)).toEqual(['north', 'appliance']);
	});
});
