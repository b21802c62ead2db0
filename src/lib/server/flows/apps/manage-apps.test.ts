import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { createApp, deleteApp, listApps, updateApp, type AppSettingsInput } from './manage-apps';
import { uploadLogo } from './upload-logo';

let under: ApplianceUnderTest;
const services = () => under.appliance.services;
const create = (settings: unknown, id?: number) =>
	createApp(services(), { input: { id, settings }, actor: system }, visitor());
const update = (id: number, change: AppSettingsInput) =>
	updateApp(services(), { id, change, actor: system }, visitor());
const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.alloc(64)]);

beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

describe('an app', () => {
	it('gets the next number, its own database and its first roles', async () => {
		const entry = await create({ name: '演示 Demo' });
		const app = await services().app(entry.id);
		expect((await app.settings()).name).toBe('演示 Demo');
		expect((await app.store.read.roles.list()).map((role) => role.id)).toEqual(['admin', 'user']);
		expect(existsSync(join(under.dataDir, 'apps', String(entry.id), 'app.db'))).toBe(true);
	});

	it('may be given a number, once', async () => {
		expect((await create({ name: 'Given' }, 77)).id).toBe(77);
		expect(await refusalOf(create({ name: 'Again' }, 77))).toBe('app/id-taken');
		for (const id of [0, -1, 1_000_000, 1.5])
			expect(await refusalOf(create({ name: 'Bad' }, id))).toBe('input/invalid');
	});

	it('made at the same time as another one gets its own number', async () => {
		const made = await Promise.all([create({ name: 'Left' }), create({ name: 'Right' })]);
		expect(new Set(made.map(({ id }) => id)).size).toBe(2);
	});

	it('never passes its number on: the issuer that its clients know cannot become another app', async () => {
		const { id } = await create({ name: 'Gone' });
		await deleteApp(services(), { id, actor: system }, visitor());
		expect((await create({ name: 'Next' })).id).toBe(id + 1);
	});

	it('gets a free number also where the highest one was chosen', async () => {
		await create({ name: 'Last' }, 999_999);
		const { id } = await create({ name: 'Counted' });
		expect(id).toBeLessThan(999_999);
	});

	it('says which setting is wrong', async () => {
		await expect(create({ name: '' })).rejects.toMatchObject({
			code: 'input/invalid',
			fields: { name: 'input/invalid' },
		});
		await expect(create({ name: 'x', theme: { accent: 'red' } })).rejects.toMatchObject({
			fields: { 'theme.accent': 'input/invalid' },
		});
		await expect(create({ name: 'x', website: 'javascript:alert(1)' })).rejects.toMatchObject({
			fields: { website: 'input/invalid' },
		});
	});

	it('changes what is named, and the change is seen at once', async () => {
		const app = await under.app();
		await update(app.id, { registration: 'closed', theme: { accent: '#aa0000' } });
		expect(await app.settings()).toMatchObject({
			registration: 'closed',
			name: 'Demo',
			theme: { accent: '#aa0000', radius: 12 },
		});
		await update(app.id, { name: 'Renamed', public: true });
		expect((await listApps(services())).find((entry) => entry.id === app.id)).toMatchObject({
			name: 'Renamed',
			isPublic: true,
		});
		expect(await app.settings()).toMatchObject({ registration: 'closed', name: 'Renamed' });
	});

	it('keeps both of two changes made at once', async () => {
		const app = await under.app();
		await Promise.all([
			update(app.id, { registration: 'closed' }),
			update(app.id, { name: 'Raced' }),
			update(app.id, { tokenDays: 7 }),
		]);
		expect(await app.settings()).toMatchObject({ registration: 'closed', name: 'Raced', tokenDays: 7 });
	});

	it('cannot make every user an administrator, nor name a role or logo that does not exist', async () => {
		const app = await under.app();
		expect(await refusalOf(update(app.id, { defaultRole: 'admin' }))).toBe('input/invalid');
		expect(await refusalOf(update(app.id, { defaultRole: 'editor' }))).toBe('role/not-found');
		expect(await refusalOf(update(app.id, { theme: { logo: 'a'.repeat(64) } }))).toBe('input/invalid');
		expect(await refusalOf(update(app.id, { senders: { email: 'no-such', sms: '' } }))).toBe(
			'plugin/not-found',
		);
	});

	it('takes a logo that is a picture, whatever type the upload claims', async () => {
		const app = await under.app();
		const upload = (bytes: Buffer) => uploadLogo(app, { bytes, actor: system }, visitor());
		const logo = await upload(png);
		await update(app.id, { theme: { logo } });
		expect((await app.store.read.images.find(logo))?.mime).toBe('image/png');
		for (const bytes of [
			Buffer.from('<svg onload=alert(1)>'),
			Buffer.alloc(0),
			Buffer.concat([png, Buffer.alloc(600_000)]),
		])
			expect(await refusalOf(upload(bytes))).toBe('image/not-supported');
	});

	it('is deleted with its database, and its number is answered as unknown', async () => {
		const app = await under.app();
		await under.user(app, { username: 'x', password: goodPassword });
		await deleteApp(services(), { id: app.id, actor: system }, visitor());
		expect(existsSync(join(under.dataDir, 'apps', String(app.id)))).toBe(false);
		expect(await refusalOf(services().app(app.id))).toBe('app/not-found');
		expect(await refusalOf(deleteApp(services(), { id: app.id, actor: system }, visitor()))).toBe(
			'app/not-found',
		);
	});

	it('whose creation was interrupted is completed at its first use', async () => {
		const entry = { id: 500, name: 'Half made', isPublic: false, createdAt: 1, updatedAt: 1 };
		await services().control.write(async (tx) => {
			await tx.apps.create(entry);
			await tx.settings.save('unfinished-app:500', { name: 'Half made', registration: 'closed' }, 1);
		});
		const app = await services().app(500);
		expect(await app.settings()).toMatchObject({ name: 'Half made', registration: 'closed' });
		expect((await app.store.read.roles.list()).map((role) => role.id)).toEqual(['admin', 'user']);
	});

	it('whose database is gone is reported as such, is not created anew, and can be deleted', async () => {
		await services().control.write((tx) =>
			tx.apps.create({ id: 501, name: 'Gone', isPublic: false, createdAt: 1, updatedAt: 1 }),
		);
		expect(await refusalOf(services().app(501))).toBe('app/damaged');
		await deleteApp(services(), { id: 501, actor: system }, visitor());
		expect(await refusalOf(services().app(501))).toBe('app/not-found');
		expect(await refusalOf(create({ name: 'Again' }, 501))).toBe('done');
	});

	it('cannot be created with every user an administrator', async () => {
		expect(await refusalOf(create({ name: 'x', defaultRole: 'admin' }))).toBe('input/invalid');
	});

	it.each([0, -4, 1.5, 1e6, NaN])('id %s never reaches a path (E01)', async (id) => {
		expect(await refusalOf(services().app(id))).toBe('app/not-found');
		expect(await refusalOf(services().storage.app(id))).toBe('app/not-found');
	});
});

describe('the sign-in policy', () => {
	it('names at least one identifier', async () => {
		const { id } = await create({ name: 'Policy' });
		await expect(update(id, { signInIdentifiers: [] })).rejects.toMatchObject({
			code: 'input/invalid',
			fields: { signInIdentifiers: 'input/invalid' },
		});
		expect(await refusalOf(create({ name: 'None', signInIdentifiers: [] }))).toBe('input/invalid');
		expect((await update(id, { signInIdentifiers: ['phone'] })).signInIdentifiers).toEqual(['phone']);
	});

	it('puts first only methods that exist, on or off', async () => {
		const { id } = await create({ name: 'First' });
		const places = { wechat: 'wechat-web', dingtalk: '', mobile: '', desktop: 'password' };
		expect((await update(id, { firstMethod: places })).firstMethod).toEqual(places);
		await expect(update(id, { firstMethod: { ...places, mobile: 'carrier-pigeon' } })).rejects.toMatchObject({
			code: 'plugin/not-found',
			fields: { 'firstMethod.mobile': 'plugin/not-found' },
		});
	});
});
