import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { listSigningKeys, rotateSigningKeys } from './signing-keys';

let under: ApplianceUnderTest;
beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

it('keys are rotated and logged, or neither', async () => {
	const app = await under.app();
	const { services } = under.appliance;
	const order = { app: app.id, order: { alg: 'ES256' as const }, actor: system };
	const states = async () => (await listSigningKeys(services, app.id)).map(({ alg, state }) => [alg, state]);
	const logged = () => app.store.read.audit.list({ action: 'key.rotate', limit: 9 });
	const before = await states();
	const clock = {
		now: () => {
			throw new Error('no log');
		},
	};
	await expect(rotateSigningKeys({ ...services, clock }, order, visitor())).rejects.toThrow('no log');
	expect(await states()).toEqual(before);
	expect(await logged()).toEqual([]);
	await rotateSigningKeys(services, order, visitor());
	expect(await states()).toContainEqual(['ES256', 'upcoming']);
	expect(await logged()).toMatchObject([{ target: `app:${app.id}` }]);
});
