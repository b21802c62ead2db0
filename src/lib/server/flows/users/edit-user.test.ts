import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { requestRecovery } from '../recover/recover';
import type { AppServices } from '../services';
import { drawUser, editUser, type DrawnUser, type TypedUser } from './edit-user';
import { getUser, updateUser } from './manage-users';
import type { UserChangeInput } from './user-change';

let under: ApplianceUnderTest;
let app: AppServices;

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

let people = 0;
/** A user with a proven email, and the page about them that an operator has open. */
async function open(change: UserChangeInput = {}) {
	const username = `person${++people}`;
	const address = `${username}@example.com`;
	const made = await under.user(app, {
		username,
		email: address,
		emailVerified: true,
		password: goodPassword,
	});
	const user = await updateUser(app, { id: made.id, change, actor: system }, visitor());
	return { id: user.id, address, drawn: drawUser(user) };
}
const elsewhere = (id: string, change: UserChangeInput) =>
	updateUser(app, { id, change, actor: system }, visitor());
/** The form as it was drawn, except for the named fields. */
const save = (page: { id: string; drawn: DrawnUser }, typed: Partial<TypedUser>) => {
	const { emailVerified, phoneVerified, ...drawn } = page.drawn;
	const ticks = {
		emailProven: emailVerified ? drawn.email : undefined,
		phoneProven: phoneVerified ? drawn.phone : undefined,
	};
	return editUser(
		app,
		{ id: page.id, drawn: page.drawn, typed: { ...drawn, ...ticks, ...typed }, actor: system },
		visitor(),
	);
};

describe('a page of a user that was opened before the user was changed elsewhere', () => {
	it('does not bring back an address that the user gave up, nor what else it shows', async () => {
		const page = await open();
		const own = { email: 'safe@example.com', emailVerified: true, username: 'renamed', phone: '13900139001' };
		await elsewhere(page.id, own);
		expect(await save(page, { points: 12 })).toMatchObject({
			email: 'safe@example.com',
			emailVerified: true,
			username: 'renamed',
			phone: '+8613900139001',
			points: 12,
		});
	});

	it('does not bring back a role, nor take one away that was given meanwhile', async () => {
		const page = await open({ roles: ['user', 'admin'] });
		await app.store.write((tx) => tx.roles.save({ id: 'editor', name: 'Editor', permissions: [] }, 1));
		await app.store.write((tx) => tx.roles.save({ id: 'author', name: 'Author', permissions: [] }, 1));
		await elsewhere(page.id, { roles: ['user', 'author'] });
		const saved = await save(page, { roles: ['admin', 'editor', 'user'] });
		expect(saved.roles).toEqual(['user', 'author', 'editor']);
		expect((await save(page, { roles: ['admin'] })).roles).toEqual(['author', 'editor']);
	});

	it('leaves the primary role the first', async () => {
		const page = await open({ roles: ['user'] });
		expect((await save(page, { roles: ['admin', 'user'] })).roles).toEqual(['user', 'admin']);
	});

	it('does not mark an address that is no longer theirs as proven', async () => {
		const page = await open({ emailVerified: false });
		await elsewhere(page.id, { email: 'other@example.com' });
		await expect(save(page, { emailProven: page.address })).rejects.toMatchObject({
			code: 'input/outdated',
			fields: { email: 'input/outdated' },
		});
		expect(await getUser(app, page.id)).toMatchObject({ email: 'other@example.com', emailVerified: false });
	});

	it('is refused without the values that it showed', async () => {
		const { id, drawn } = await open();
		const typed = { ...drawn, emailProven: undefined, phoneProven: undefined };
		const bare = editUser(app, { id, drawn: undefined, typed, actor: system }, visitor());
		expect(await refusalOf(bare)).toBe('input/outdated');
	});
});

describe('a saved page of a user', () => {
	it('changes and logs only what was changed in it', async () => {
		const page = await open();
		await save(page, { name: 'Alice', points: 3 });
		const logged = async () =>
			(await app.store.read.audit.list({ target: `user:${page.id}`, limit: 9 })).length;
		const [event] = await app.store.read.audit.list({ target: `user:${page.id}`, limit: 1 });
		expect(event?.detail).toMatchObject({ fields: ['name', 'points'] });
		const before = await logged();
		await save({ ...page, drawn: drawUser(await getUser(app, page.id)) }, {});
		expect(await logged()).toBe(before);
	});

	it('leaves open codes valid, unless the address they went to was removed', async () => {
		const page = await open();
		const { verification } = await requestRecovery(app, { identifier: page.address }, visitor());
		const waiting = () => app.store.read.verifications.find(verification);
		expect(await waiting()).toBeDefined();
		await save(page, { points: 1 });
		await elsewhere(page.id, { email: page.address });
		expect(await waiting()).toBeDefined();
		await save(page, { email: 'elsewhere@example.com' });
		expect(await waiting()).toBeUndefined();
	});
});

describe('the tick that an address is proven', () => {
	const next = () => `next${people}@example.com`;

	it.each([
		['stood there before another address was typed', (page: { address: string }) => page.address],
		['names no address', () => 'on'],
	])('that %s does not mark that one as proven', async (_, tick) => {
		const page = await open();
		expect(await save(page, { email: next(), emailProven: tick(page) })).toMatchObject({
			email: next(),
			emailVerified: false,
		});
	});

	it('is for the new address when it was set for it', async () => {
		const page = await open();
		expect(await save(page, { email: next(), emailProven: next() })).toMatchObject({ emailVerified: true });
	});

	it('is for the new address where no tick was set before', async () => {
		const page = await open({ emailVerified: false });
		const tick = { email: next(), emailProven: page.address };
		expect(await save(page, tick)).toMatchObject({ email: next(), emailVerified: true });
		const phone = { phone: '13900139002', phoneProven: '' };
		expect(await save(page, phone)).toMatchObject({ phoneVerified: true });
	});

	it('can be removed from an address, and set for it', async () => {
		const page = await open();
		const without = await save(page, { emailProven: undefined });
		expect(without).toMatchObject({ email: page.address, emailVerified: false });
		const again = { ...page, drawn: drawUser(without) };
		expect(await save(again, { emailProven: page.address })).toMatchObject({ emailVerified: true });
	});
});
