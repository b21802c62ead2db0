import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { findWayBack } from './find-way-back';
import { createClient } from './manage-clients';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

it('knows the site of a registered client, and of no other', async () => {
	const app = await under.app();
	const redirectUris = ['https://web.example/cb'];
	const make = (settings: Record<string, unknown>) =>
		createClient(app, { settings, actor: system }, visitor());
	await make({ id: 'web', name: 'Web', website: 'https://web.example', redirectUris });
	await make({ id: 'bare', name: 'Bare', redirectUris });
	expect(await findWayBack(app, 'web')).toEqual({ name: 'Web', href: 'https://web.example' });
	for (const id of ['bare', 'gone', '', 'w'.repeat(129)]) expect(await findWayBack(app, id)).toBeUndefined();
});
