import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { drawClient, editClient, type TypedClient } from './edit-client';
import { createClient, getClient, rotateClientSecret, updateClient } from './manage-clients';

const [first, second, third] = [
	'https://a.example/cb',
	'https://b.example/cb',
	'https://c.example/cb',
] as const;
let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

/** The page of a client that an operator has open. */
async function open(id: string): Promise<TypedClient> {
	const settings = { id, name: 'Shop', confidential: true, firstParty: true, redirectUris: [first, second] };
	await createClient(app, { settings, actor: system }, visitor());
	return drawClient(await getClient(app, id));
}
const save = (id: string, drawn: TypedClient | undefined, typed: TypedClient) =>
	editClient(app, { id, drawn, typed, actor: system }, visitor());
const events = () => app.store.read.audit.list({ limit: 100 });

it('from a page that was opened before somebody else changed the client, old values are not put back', async () => {
	const drawn = await open('shop');
	const change = { firstParty: false, redirectUris: [second, third], website: 'https://shop.example' };
	await updateClient(app, { id: 'shop', change, actor: system }, visitor());
	await save('shop', drawn, { ...drawn, name: 'Shop 2' });
	expect(await getClient(app, 'shop')).toMatchObject({ ...change, name: 'Shop 2' });
	const added = 'https://d.example/cb';
	await save('shop', drawn, { ...drawn, redirectUris: [first, added, second] });
	expect((await getClient(app, 'shop')).redirectUris).toEqual([second, third, added]);
});

it('addresses stay in the order in which they were put', async () => {
	const drawn = await open('ordered');
	await save('ordered', drawn, { ...drawn, redirectUris: [third, second] });
	expect((await getClient(app, 'ordered')).redirectUris).toEqual([third, second]);
});

it('without a change changes and logs nothing; without the values shown it is refused', async () => {
	const drawn = await open('same');
	const before = (await events()).length;
	await save('same', drawn, drawn);
	expect(await events()).toHaveLength(before);
	expect(await refusalOf(save('same', undefined, drawn))).toBe('input/outdated');
});

it('a new secret is an event of its own', async () => {
	await open('secret');
	await rotateClientSecret(app, { id: 'secret', actor: system }, visitor());
	expect((await events())[0]).toMatchObject({ action: 'client.rotate-secret', target: 'client:secret' });
});
