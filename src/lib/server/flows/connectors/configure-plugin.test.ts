import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { readApplianceMail, saveApplianceMail } from '../messages/appliance-sender';
import type { Actor } from '../services';
import { configurePlugin } from './configure-plugin';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

const owner: Actor = { kind: 'operator', id: 'o1', role: 'owner' };
const operator: Actor = { kind: 'operator', id: 'o2', role: 'operator' };
const services = () => under.appliance.services;
const ofAppliance = () => ({
	plugins: services().plugins.appliance,
	store: services().control,
	clock: under.clock,
});
const values = { host: 'mail.example.com', from: 'id@example.com' };
const setUp = (actor: Actor, scope: Parameters<typeof configurePlugin>[0] = ofAppliance(), id = 'smtp') =>
	refusalOf(
		configurePlugin(scope, { id, change: { values: id === 'smtp' ? values : {} }, actor }, visitor()),
	);
const events = () => services().control.read.audit.list({ limit: 10 });

describe('a sender of the appliance', () => {
	it('is set up by owners only, and what an operator tried changes nothing', async () => {
		expect(await setUp(operator)).toBe('auth/forbidden');
		expect((await services().plugins.appliance.formOf('smtp')).fields[0]).toMatchObject({ value: null });
		expect(await setUp(owner)).toBe('done');
		expect(await setUp(system)).toBe('done');
		expect((await events()).map(({ action }) => action)).toEqual(['plugin.configure', 'plugin.configure']);
	});

	it('of one app is set up by any operator, and so is another plugin of the appliance', async () => {
		expect(await setUp(operator, await under.app())).toBe('done');
		expect(await setUp(operator, ofAppliance(), 'password')).toBe('done');
	});

	it('is chosen by owners only, and so is the address of alerts', async () => {
		const save = (actor: Actor, change: { email?: string; alertEmail?: string }) =>
			refusalOf(saveApplianceMail(services(), { change, actor }, visitor()));
		expect(await save(operator, { email: 'smtp' })).toBe('auth/forbidden');
		expect(await save(operator, { alertEmail: 'me@example.com' })).toBe('auth/forbidden');
		expect(await readApplianceMail(services())).toMatchObject({ email: '', alertEmail: '' });
		expect(await save(owner, { email: 'smtp', alertEmail: 'me@example.com' })).toBe('done');
		expect(await readApplianceMail(services())).toMatchObject({ email: 'smtp' });
	});
});
