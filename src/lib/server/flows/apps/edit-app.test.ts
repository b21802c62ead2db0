import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { editApp } from './edit-app';
import { updateApp, type AppSettingsInput } from './manage-apps';

let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
});
beforeEach(async () => {
	app = await under.app();
});
afterAll(() => under.close());

const services = () => under.appliance.services;
const save = (drawn: unknown, typed: AppSettingsInput) =>
	editApp(services(), { id: app.id, drawn, typed, actor: system }, visitor());
const meanwhile = (change: AppSettingsInput) =>
	updateApp(services(), { id: app.id, change, actor: system }, visitor());
const updates = async () =>
	(await app.store.read.audit.list({ limit: 100 })).filter(({ action }) => action === 'app.update');

describe('a page that was opened before somebody else changed the app', () => {
	it('does not open the registration again that was closed meanwhile', async () => {
		const { registration, signUpPoints } = await app.settings();
		await meanwhile({ registration: 'closed' });
		await save({ registration, signUpPoints }, { registration, signUpPoints: 7 });
		expect(await app.settings()).toMatchObject({ registration: 'closed', signUpPoints: 7 });
	});

	it('puts no value of the theme or of the senders back', async () => {
		const { theme, senders } = await app.settings();
		await meanwhile({ theme: { accent: '#123456' }, senders: { email: 'outbox' } });
		await save(
			{ theme, senders },
			{ theme: { ...theme, radius: 3 }, senders: { ...senders, sms: 'outbox' } },
		);
		const now = await app.settings();
		expect(now.theme).toMatchObject({ accent: '#123456', radius: 3 });
		expect(now.senders).toEqual({ email: 'outbox', sms: 'outbox' });
	});
});

it('the audit names the settings that were changed', async () => {
	const { website, tokenDays } = await app.settings();
	await save({ website, tokenDays }, { website, tokenDays: 9 });
	expect((await updates())[0]?.detail).toEqual({ fields: ['tokenDays'] });
});

it('without a change nothing is written or logged; without the values shown the form is refused', async () => {
	const { theme, name } = await app.settings();
	const before = (await updates()).length;
	await save({ theme, name }, { theme, name });
	expect(await updates()).toHaveLength(before);
	expect(await refusalOf(save(undefined, { name }))).toBe('input/outdated');
	expect(await refusalOf(save({ theme: 'x' }, { theme }))).toBe('input/outdated');
});

it('what cannot be is refused with its field', async () => {
	const { tokenDays } = await app.settings();
	expect(await refusalOf(save({ tokenDays }, { tokenDays: NaN }))).toBe('input/invalid');
});
