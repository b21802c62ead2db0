import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { secretContext } from '../../storage/app/clients';
import type { AppServices } from '../services';
import {
	createClient,
	deleteClient,
	getClient,
	listClients,
	rotateClientSecret,
	updateClient,
} from './manage-clients';

let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

const make = (settings: object, secret?: string) =>
	createClient(app, { settings: { name: 'Client', ...settings }, secret, actor: system }, visitor());

describe('a client', () => {
	it('that can keep a secret gets one, shown once and sealed at rest (E07)', async () => {
		const { secret, client } = await make({
			id: 'web',
			confidential: true,
			redirectUris: ['https://rp.example/cb'],
		});
		expect(secret).toMatch(/^[\w-]{43}$/);
		expect(JSON.stringify(client)).not.toContain(secret);
		const row = await app.store.read.clients.find('web');
		expect(row?.secret).not.toContain(secret);
		expect(app.vault.open(row?.secret ?? '', secretContext('web'))).toBe(secret);
		expect(() => app.vault.open(row?.secret ?? '', secretContext('other'))).toThrow();
	});

	it('that cannot keep a secret has none, and always uses PKCE', async () => {
		expect((await make({ id: 'spa' })).secret).toBeNull();
		expect(await refusalOf(make({ id: 'weak', pkceRequired: false }))).toBe('input/invalid');
		expect(await refusalOf(make({ id: 'legacy', confidential: true, pkceRequired: false }))).toBe('done');
		expect(await refusalOf(rotateClientSecret(app, { id: 'spa', actor: system }, visitor()))).toBe(
			'input/invalid',
		);
	});

	it('cannot have the id of another client', async () => {
		await make({ id: 'once' });
		expect(await refusalOf(make({ id: 'once' }))).toBe('client/id-taken');
		for (const id of ['', 'a b', 'x'.repeat(129), 'a/b', 'a"b'])
			expect(await refusalOf(make({ id }))).toBe('input/invalid');
	});

	it.each([
		['web', 'https://rp.example/cb', true],
		['web', 'http://127.0.0.1:5555/cb', true],
		['web', 'http://localhost/cb', true],
		['web', 'http://rp.example/cb', false],
		['web', 'https://rp.example/cb#x', false],
		['web', 'https://rp.example/*', false],
		['web', 'https://user@rp.example/cb', false],
		['web', 'https://user:pw@rp.example/cb', false],
		['web', 'javascript:alert(1)', false],
		['web', 'data:text/html,x', false],
		['web', 'com.example.app:/cb', false],
		['web', '//rp.example/cb', false],
		['web', '/cb', false],
		['web', 'https://rp.example\\@evil.example/cb', false],
		['native', 'com.example.app:/cb', true],
		['native', 'http://127.0.0.1/cb', true],
		['native', 'myapp:/cb', false],
		['native', 'https://localhost/cb', false],
		['native', 'https://rp.example/cb', true],
		['native', 'javascript:alert(1)', false],
	])('%s may be sent to %s: %s', async (applicationType, uri, allowed) => {
		const id = `c${Math.abs(Buffer.from(applicationType + uri).reduce((a, b) => (a * 31 + b) | 0, 7))}`;
		expect(await refusalOf(make({ id, applicationType, redirectUris: [uri] }))).toBe(
			allowed ? 'done' : 'client/redirect-invalid',
		);
	});

	it('is changed field by field; a new secret ends the old one', async () => {
		const { secret } = await make({ id: 'edit', confidential: true, redirectUris: ['https://a.example/cb'] });
		await updateClient(app, { id: 'edit', change: { name: 'Renamed' }, actor: system }, visitor());
		expect(await getClient(app, 'edit')).toMatchObject({
			name: 'Renamed',
			redirectUris: ['https://a.example/cb'],
			confidential: true,
		});
		const kept = await app.store.read.clients.find('edit');
		expect(app.vault.open(kept?.secret ?? '', secretContext('edit'))).toBe(secret);
		const rotated = await rotateClientSecret(app, { id: 'edit', actor: system }, visitor());
		expect(rotated.secret).not.toBe(secret);
		expect(await refusalOf(updateClient(app, { id: 'none', change: {}, actor: system }, visitor()))).toBe(
			'client/not-found',
		);
	});

	it('keeps both a rename and a new secret made at once', async () => {
		await make({ id: 'race', confidential: true });
		const [, rotated] = await Promise.all([
			updateClient(app, { id: 'race', change: { name: 'Renamed' }, actor: system }, visitor()),
			rotateClientSecret(app, { id: 'race', actor: system }, visitor()),
			updateClient(app, { id: 'race', change: { website: 'https://rp.example' }, actor: system }, visitor()),
		]);
		const row = await app.store.read.clients.find('race');
		expect(row).toMatchObject({ name: 'Renamed', website: 'https://rp.example' });
		expect(app.vault.open(row?.secret ?? '', secretContext('race'))).toBe(rotated.secret);
	});

	it('is deleted with what was issued to it', async () => {
		await make({ id: 'gone' });
		await deleteClient(app, { id: 'gone', actor: system }, visitor());
		expect((await listClients(app)).map((client) => client.id)).not.toContain('gone');
		expect(await refusalOf(deleteClient(app, { id: 'gone', actor: system }, visitor()))).toBe(
			'client/not-found',
		);
	});
});
