/** Translates the engines' failures into the few kinds that a repository or a flow can act on. */
import { Refusal, type ErrorCode } from '../../../contract/errors';

function codeOf(error: unknown): string {
	const code = (error as { code?: unknown } | null | undefined)?.code;
	return typeof code === 'string' ? code : '';
}

/** A unique index refused the row. */
export function isDuplicate(error: unknown): boolean {
	return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505'].includes(codeOf(error));
}

/** The table and columns (SQLite) or the constraint (PostgreSQL) named by a duplicate, e.g. `user.username_key`. */
export function duplicateOf(error: unknown): string {
	const { constraint, message } = error as { constraint?: string; message?: string };
	return constraint ?? message ?? '';
}

/** For a result of `translateFailure`: whether there is no room to write. */
export const isFull = (failure: unknown): boolean =>
	failure instanceof Refusal && failure.code === 'storage/full';

/** PostgreSQL gave up one of two writes that waited for each other: the same work may succeed again. */
export function isCollision(error: unknown): boolean {
	return ['40001', '40P01'].includes(codeOf(error));
}

/** By code, first match. PostgreSQL's are SQLSTATE (appendix A of its manual); the rest are Node's and SQLite's. */
const refusals: readonly (readonly [RegExp, ErrorCode])[] = [
	[/^(SQLITE_FULL|SQLITE_IOERR_WRITE|SQLITE_IOERR_SHMSIZE|ENOSPC|53100)$/, 'storage/full'],
	[/^(SQLITE_CORRUPT|SQLITE_NOTADB|XX00[12])/, 'app/damaged'],
	[
		/^(SQLITE_BUSY|SQLITE_LOCKED|SQLITE_CANTOPEN|SQLITE_IOERR|SQLITE_READONLY|SQLITE_NOMEM)/,
		'storage/unavailable',
	],
	[/^(08|57P0|57014|53|25006|25P03|28|3D000|40001|40P01)/, 'storage/unavailable'],
	[/^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EMFILE|ENFILE)/, 'storage/unavailable'],
	// Text that PostgreSQL cannot hold: a NUL character, which SQLite would accept.
	[/^22021$/, 'input/invalid'],
];

/** The PostgreSQL client reports a lost connection by its message only. */
const lostConnection =
	/^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after)/;

/** A failure of the engine as a coded refusal; anything else is returned as it is. */
export function translateFailure(error: unknown): unknown {
	const code = codeOf(error);
	const refusal = refusals.find(([pattern]) => pattern.test(code));
	if (refusal) return new Refusal(refusal[1], { cause: error, detail: code });
	if (error instanceof Error && lostConnection.test(error.message))
		return new Refusal('storage/unavailable', { cause: error, detail: error.message });
	return error;
}

/** The same for promises: `.catch(translated)`. */
export function translated(error: unknown): never {
	throw translateFailure(error);
}
