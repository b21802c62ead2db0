import { afterAll, beforeAll, expect, it } from 'vitest';
import {
	applianceUnderTest,
	goodPassword,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import type { AppServices } from '../services';
import { deleteRole } from './delete-role';
import { listRoles, listRolesWithHolders } from './list-roles';
import { saveRole } from './save-role';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
	const role = { id: 'editor', name: 'Editor', permissions: ['post.write'] };
	await saveRole(app, { role, actor: system }, visitor());
});
afterAll(() => under.close());

const remove = (id: string) => deleteRole(app, { id, actor: system }, visitor());

it('takes the role from all users who hold it; the users keep their other roles', async () => {
	const [anna, bert] = await Promise.all(
		['anna', 'bert'].map((username) =>
			under.user(app, { username, password: goodPassword, roles: ['editor', 'user'] }),
		),
	);
	expect((await listRolesWithHolders(app)).find(({ id }) => id === 'editor')).toMatchObject({ holders: 2 });
	expect(await remove('editor')).toBe(2);
	expect((await listRoles(app)).map(({ id }) => id)).not.toContain('editor');
	for (const user of [anna, bert])
		expect((await app.store.read.users.findWithRoles(user?.id ?? ''))?.roles).toEqual(['user']);
	const [event] = await app.store.read.audit.list({ limit: 1, action: 'role.delete' });
	expect(event).toMatchObject({ target: 'role:editor', detail: { holders: 2 } });
	expect(await refusalOf(remove('editor'))).toBe('role/not-found');
});

it('keeps the role that new users get', async () => {
	expect(await refusalOf(remove('user'))).toBe('role/is-default');
	expect((await listRoles(app)).map(({ id }) => id)).toContain('user');
});
