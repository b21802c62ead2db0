import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { second } from '$lib/server/runtime/clock';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../tests/appliance-under-test';
import { updateApp } from '$lib/server/flows/apps/manage-apps';
import { brandOf } from './brand.server';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

describe('what pages show of an app', () => {
	it('is its name and its theme, at an address of their own', async () => {
		const app = await under.app({ name: 'Demo', theme: { accent: '#aa0011' } });
		const brand = await brandOf(app);
		expect(brand).toMatchObject({ id: app.id, name: 'Demo', mode: 'system', trialMail: true });
		expect(brand.theme).toMatch(new RegExp(`^/apps/${app.id}/theme\\.css\\?v=[0-9a-f]{16}$`));
		expect(brand).not.toHaveProperty('logo');
	});

	it('is the title of the theme where there is one', async () => {
		const app = await under.app({
			name: 'demo-prod-2',
			website: 'https://demo.example',
			theme: { title: 'Demo', logo: 'a'.repeat(64), mode: 'dark' },
		});
		const brand = await brandOf(app);
		expect(brand).toMatchObject({ name: 'Demo', website: 'https://demo.example', mode: 'dark' });
		expect(brand.logo).toBe(`/apps/${app.id}/images/${'a'.repeat(64)}`);
	});

	it('changes the address of the stylesheet with the theme', async () => {
		const app = await under.app();
		const before = (await brandOf(app)).theme;
		await updateApp(
			under.appliance.services,
			{ id: app.id, change: { theme: { accent: '#123456' } }, actor: system },
			visitor(),
		);
		expect((await brandOf(app)).theme).not.toBe(before);
	});

	it('says that mails are not delivered only while that is so', async () => {
		const app = await under.app();
		expect((await brandOf(app)).trialMail).toBe(true);
		await app.plugins.save('outbox', { enabled: false });
		under.clock.move(11 * second);
		expect((await brandOf(app)).trialMail).toBe(false);
	});
});
