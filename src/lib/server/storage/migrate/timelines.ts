/**
 * The migrations of each kind of database, for both engines. They run in the order of their keys; a released one is
 * never edited.
 */
import type { Migration } from 'kysely';
import * as app0001 from './app/0001-app';
import * as app0002 from './app/0002-identities';
import * as control0001 from './control/0001-control';
import * as control0002 from './control/0002-app-numbers';

export type TimelineName = 'app' | 'control';
export type Migrations = Readonly<Record<string, Migration>>;
export type Timelines = Readonly<Record<TimelineName, Migrations>>;

export const timelines: Timelines = {
	app: { '0001-app': app0001, '0002-identities': app0002 },
	control: { '0001-control': control0001, '0002-app-numbers': control0002 },
};

/** The database was written by a newer Menshen. Nothing was touched. */
export class SchemaTooNew extends Error {
	constructor(database: string, found: string, known: string) {
		super(
			`${database} was last used by a newer Menshen (schema ${found}; this one knows up to ${known}): ` +
				'start the newer version, or restore a backup made before the upgrade.',
		);
		this.name = 'SchemaTooNew';
	}
}

/** @throws {SchemaTooNew} when something was applied that is not known here. */
export function refuseUnknown(database: string, applied: readonly string[], migrations: Migrations): void {
	const known = Object.keys(migrations).sort();
	const unknown = applied
		.filter((name) => !known.includes(name))
		.sort()
		.at(-1);
	if (unknown) throw new SchemaTooNew(database, unknown, known.at(-1) ?? 'none');
}

/** What Kysely's migrator reports, which may be anything that a migration threw. */
export const asError = (thrown: unknown): Error =>
	thrown instanceof Error ? thrown : new Error(String(thrown));
