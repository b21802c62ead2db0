/** Upgrades: all or nothing, never backwards, never at once. */
import { sql, type Kysely, type Migration } from 'kysely';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/lib/contract/errors';
import { SchemaTooNew, timelines, type Timelines } from '../../../src/lib/server/storage/migrate/timelines';
import type { Engine } from '../engines';
import { atOnce, userRow } from './rows';

const adding = (table: string, then?: () => void): Migration => ({
	async up(db: Kysely<never>) {
		await db.schema.createTable(table).addColumn('id', 'integer').execute();
		await db.schema.alterTable('setting').addColumn(`${table}_note`, 'text').execute();
		then?.();
		await sql`select 1`.execute(db);
	},
});
const fails = () => {
	throw new Error('this migration fails');
};
/** Those that an app has been through; what tests add comes after all of them. */
const released = Object.keys(timelines.app);
const withApp = (name: string, migration: Migration): Timelines => ({
	...timelines,
	app: { ...timelines.app, [name]: migration },
});
const withControl = (name: string, migration: Migration): Timelines => ({
	...timelines,
	control: { ...timelines.control, [name]: migration },
});

const caught = (promise: Promise<unknown>) =>
	promise.then(
		() => undefined,
		(error: unknown) => error,
	);

export function describeMigrations(engine: () => Engine): void {
	describe('migrations', () => {
		it('bring an app up to date at its first use, with its data', async () => {
			const place = await engine().newPlace();
			const before = await place.open();
			await (await before.createApp(1)).write((tx) => tx.users.create(userRow('old hand')));
			await before.close();
			const after = await place.open({ timelines: withApp('9001-more', adding('more')) });
			expect(await (await after.app(1)).read.users.findById('old hand')).toBeDefined();
			expect(await place.run(1, 'select * from more')).toEqual([]);
			await after.close();
		});

		it('that fail leave an app as it was, and the others alone', async () => {
			const place = await engine().newPlace();
			const before = await place.open();
			await (await before.createApp(1)).write((tx) => tx.users.create(userRow('old hand')));
			await before.close();
			const broken = await place.open({ timelines: withApp('9001-broken', adding('half', fails)) });
			for (let again = 0; again < 2; again++)
				await expect(broken.app(1)).rejects.toThrow('this migration fails');
			await expect(place.run(1, 'select * from half')).rejects.toThrow();
			await expect(place.run(1, 'select half_note from setting')).rejects.toThrow();
			await broken.close();
			const repaired = await place.open();
			expect(await (await repaired.app(1)).read.users.findById('old hand')).toBeDefined();
			await repaired.close();
		});

		it('that fail for a new app leave no app', async () => {
			const place = await engine().newPlace();
			const broken = await place.open({ timelines: withApp('9001-broken', adding('half', fails)) });
			await expect(broken.createApp(1)).rejects.toThrow('this migration fails');
			expect(await caught(broken.app(1))).toMatchObject({ code: 'app/not-found' });
			await broken.close();
			const repaired = await place.open();
			await repaired.createApp(1);
			await repaired.close();
		});

		it('that fail for the appliance refuse the start and leave nothing', async () => {
			const place = await engine().newPlace();
			await expect(
				place.open({ timelines: withControl('9001-broken', adding('half', fails)) }),
			).rejects.toThrow('this migration fails');
			const fresh = await place.open();
			expect(await fresh.control.read.apps.list()).toEqual([]);
			await fresh.close();
			await expect(
				place.open({ timelines: withControl('9001-broken', adding('half', fails)) }),
			).rejects.toThrow('this migration fails');
			await (await place.open()).close();
		});

		it('of a newer Menshen are refused, with both versions named, and nothing is touched', async () => {
			const place = await engine().newPlace();
			const newer = await place.open({ timelines: withApp('9001-future', adding('future')) });
			await newer.createApp(1);
			await newer.createApp(2);
			await newer.close();
			const older = await place.open();
			const refusal = await caught(older.app(1));
			expect(refusal).toBeInstanceOf(SchemaTooNew);
			expect(String(refusal)).toMatch(new RegExp(`newer Menshen.*9001-future.*${released.at(-1)}`));
			await older.createApp(3);
			await older.close();
			const names = [...released, '9001-future'].map((name) => ({ name }));
			expect(await place.run(1, 'select name from kysely_migration order by name')).toEqual(names);
		});

		it('of a newer appliance refuse the start', async () => {
			const place = await engine().newPlace();
			await (await place.open({ timelines: withControl('9001-future', adding('future')) })).close();
			expect(await caught(place.open())).toBeInstanceOf(SchemaTooNew);
		});

		it('know the numbers of the apps that are and of those that were', async () => {
			const place = await engine().newPlace();
			const { '0001-control': first } = timelines.control;
			if (!first) throw new Error('no beginning');
			const older = { ...timelines, control: { '0001-control': first } };
			await (await place.open({ timelines: older })).close();
			await place.run('control', `insert into app values (3, 'Three', 0, 1, 1)`);
			const log = `insert into audit (at, action, outcome, actor_kind, actor_id, target, address, request_id, detail)`;
			for (const target of ['app:3', 'app:8', 'user:9'])
				await place.run(
					'control',
					`${log} values (1, 'app.create', 'ok', '', '', '${target}', '', '', '{}')`,
				);
			const newer = await place.open();
			expect(await newer.control.write((tx) => tx.apps.nextId(99))).toBe(9);
			expect(await newer.control.write((tx) => tx.apps.nextId(8))).toBe(1);
			await newer.close();
		});

		it('of a database without any record are refused as damage', async () => {
			const place = await engine().newPlace();
			const storage = await place.open();
			await storage.createApp(1);
			await storage.close();
			await place.run(1, 'drop table kysely_migration');
			if (engine().name === 'sqlite') await place.run(1, 'pragma user_version = 0');
			const again = await place.open();
			const refusal = await caught(again.app(1));
			expect(refusal).toBeInstanceOf(Refusal);
			expect(refusal).toMatchObject({ code: 'app/damaged' });
			await again.close();
		});

		it('run once when many ask for the app at once', async () => {
			const place = await engine().newPlace();
			const before = await place.open();
			await before.createApp(1);
			await before.close();
			let runs = 0;
			const after = await place.open({
				timelines: withApp(
					'9001-counted',
					adding('counted', () => void runs++),
				),
			});
			await atOnce(10, () => after.app(1));
			expect(runs).toBe(1);
			await after.close();
		});
	});
}
