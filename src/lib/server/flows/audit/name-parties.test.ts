import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { addOperator } from '../operators/operators';
import type { AppServices } from '../services';
import { deleteUser } from '../users/manage-users';
import { nameParties } from './name-parties';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

const name = (events: Parameters<typeof nameParties>[1], of: AppServices | undefined = app) =>
	nameParties({ control: under.appliance.services.control, app: of }, events);
const byUser = (id: string) => ({ actor: { kind: 'user' as const, id }, target: `user:${id}` });

it('gives a username, else a nickname, else an email, else the number', async () => {
	const users = await Promise.all([
		under.user(app, { username: 'alice', name: 'Alice L', password: goodPassword }),
		under.user(app, { email: 'bob@example.com', name: 'Bob' }),
		under.user(app, { email: 'carol@example.com' }),
	]);
	const names = await name(users.map(({ id }) => byUser(id)));
	expect(users.map(({ id }) => names[`user:${id}`])).toEqual(['alice', 'Bob', 'carol@example.com']);
});

it('names operators in the log of an app and of the appliance', async () => {
	const input = { email: 'olga@example.com', password: 'a-long-enough-secret', role: 'owner' as const };
	const { services } = under.appliance;
	const plain = await addOperator(services, { input, actor: system }, visitor());
	const named = await addOperator(
		services,
		{ input: { ...input, email: 'otto@example.com', name: 'Otto' }, actor: system },
		visitor(),
	);
	const events = [{ actor: { kind: 'operator' as const, id: plain.id }, target: `operator:${named.id}` }];
	const expected = { [`operator:${plain.id}`]: 'olga@example.com', [`operator:${named.id}`]: 'Otto' };
	expect(await name(events)).toEqual(expected);
	expect(await nameParties({ control: services.control }, events)).toEqual(expected);
});

it('leaves out deleted users, users of another app, and objects without a name', async () => {
	const gone = await under.user(app, { username: 'gone' });
	await deleteUser(app, { id: gone.id, actor: system }, visitor());
	const there = await under.user(await under.app(), { username: 'there' });
	const nobody = { actor: { kind: 'nobody' as const, id: '' }, target: 'client:web' };
	expect(await name([byUser(gone.id), byUser(there.id), nobody])).toEqual({});
});
