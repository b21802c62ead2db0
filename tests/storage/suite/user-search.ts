import { beforeAll, describe, expect, it } from 'vitest';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import type { UserPage } from '../../../src/lib/server/storage/app/users';
import type { Storage } from '../../../src/lib/server/storage/open';
import type { Engine, Place } from '../engines';
import { userRow } from './rows';

const people = 10_000;

/** The same people in SQL, which both engines understand, and as a model to compare with. */
const fill = `
with recursive n(i) as (select 1 union all select i + 1 from n where i < ${people})
insert into "user" (id, username, username_key, email, email_key, email_contact, email_verified, phone, phone_key,
	phone_verified, name, name_key, status, created_at, updated_at, sign_in_count)
select 'id-' || i, 'user' || i, 'user' || i, null, null, case when i < 700 then 'old' || i || '@example.com' end, 0,
	null, case when i % 9 = 0 then '+86138' || (10000000 + i) end, 0, '', case when i % 4 = 0 then '张伟' else '王芳' end || i,
	case when i % 50 = 0 then 'disabled' when i <= 5000 and i % 2 = 0 then 'pending' else 'active' end, i, i, 0 from n`;

function statusOf(i: number) {
	if (i % 50 === 0) return 'disabled';
	return i <= 5000 && i % 2 === 0 ? 'pending' : 'active';
}

const model = Array.from({ length: people }, (_, index) => {
	const i = index + 1;
	const keys = [
		`user${i}`,
		i < 700 ? `old${i}@example.com` : '',
		i % 9 === 0 ? `+86138${10_000_000 + i}` : '',
	];
	return {
		number: i,
		id: `id-${i}`,
		status: statusOf(i),
		keys: [...keys, `${i % 4 === 0 ? '张伟' : '王芳'}${i}`],
	};
});

function expected({ search = '', status, before = Infinity, limit }: UserPage): number[] {
	return model
		.filter((user) => user.number < before && (!status || user.status === status))
		.filter(
			(user) =>
				user.id === search ||
				String(user.number) === search ||
				user.keys.some((key) => key.startsWith(search)),
		)
		.map((user) => user.number)
		.reverse()
		.slice(0, limit);
}

/** From a prefix of all users to one of none, spread evenly or all at one end. */
const searches = [
	'user',
	'user1',
	'user12',
	'user99',
	'user4321',
	'u',
	'old',
	'old6',
	'张',
	'王芳1',
	'+86138',
	'+861381000',
	'id-77',
	'77',
	'x',
];
const statuses = [undefined, 'active', 'pending', 'disabled'] as const;

export function describeUserSearch(engine: () => Engine): void {
	describe('user search', () => {
		let place: Place;
		let storage: Storage;
		let store: AppStore;
		beforeAll(async () => {
			place = await engine().newPlace();
			storage = await place.open();
			store = await storage.createApp(1);
			await place.run(1, fill);
			return () => storage.close();
		});
		const numbers = async (page: UserPage) => (await store.read.users.list(page)).map((user) => user.number);

		it.each(searches)('finds the newest that begin with %s, of each status', async (search) => {
			for (const status of statuses)
				for (const before of [undefined, 5001, 300]) {
					const page = { search, status, before, limit: 20 };
					expect(await numbers(page), JSON.stringify(page)).toEqual(expected(page));
				}
		});

		it.each([
			['a common prefix', { search: 'user1' }],
			['a prefix of old users only', { search: 'old' }],
			['a common prefix of a rare status', { search: 'user', status: 'disabled' as const }],
			['no search', {}],
			['a status alone', { status: 'pending' as const }],
		])('pages through %s without a gap or a repetition', async (_, filter) => {
			const seen: number[] = [];
			for (let before: number | undefined; seen.length <= people;) {
				const page = await numbers({ ...filter, before, limit: 97 });
				seen.push(...page);
				before = page.at(-1);
				if (page.length < 97) break;
			}
			expect(seen).toEqual(expected({ ...filter, limit: people }));
		});

		it('takes wildcards as the characters they are', async () => {
			const special = await engine().newApp();
			for (const [id, username] of [
				['percent', '100%'],
				['underscore', '100_'],
				['plain', '1000'],
				['chinese', '门神'],
			])
				await special.write((tx) => tx.users.create(userRow(String(id), { username })));
			const found = async (search: string) =>
				(await special.read.users.list({ search, limit: 9 })).map((user) => user.id);
			expect(await found('100%')).toEqual(['percent']);
			expect(await found('100_')).toEqual(['underscore']);
			expect(await found('%')).toEqual([]);
			expect(await found('_')).toEqual([]);
			expect(await found('100')).toEqual(['plain', 'underscore', 'percent']);
			expect(await found('门')).toEqual(['chinese']);
			expect(await found("' or 1=1 --")).toEqual([]);
		});

		it('follows a change of name and status at once', async () => {
			const change = {
				username: 'renamed',
				usernameKey: 'renamed',
				status: 'disabled',
				updatedAt: 2,
			} as const;
			await store.write((tx) => tx.users.update('id-10', change));
			expect(await numbers({ search: 'renamed', status: 'disabled', limit: 5 })).toEqual([10]);
			expect(await numbers({ search: 'renamed', status: 'active', limit: 5 })).toEqual([]);
			expect(await numbers({ search: 'user10', before: 11, limit: 5 })).toEqual([]);
		});
	});
}
