/** What the engines report, as the few things a repository or a flow can act on. */
import { Refusal } from '../../../contract/errors';

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** A unique index refused the row. */
export function isDuplicate(error: unknown): boolean {
	return ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505'].includes(codeOf(error));
}

/** The table and columns (SQLite) or the constraint (PostgreSQL) named by a duplicate, e.g. `user.username_key`. */
export function duplicateOf(error: unknown): string {
	const { constraint, message } = error as { constraint?: string; message?: string };
	return constraint ?? message ?? '';
}

const full = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'ENOSPC', '53100']);
const damaged = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_CORRUPT_VTAB', 'XX001', 'XX002']);
const unavailable = /^(SQLITE_BUSY|SQLITE_CANTOPEN|SQLITE_IOERR|08|57P0|53300|ECONNREFUSED|ECONNRESET|ETIMEDOUT)/;

/** A failure of the engine as a coded refusal; anything else is returned as it is. */
export function translateFailure(error: unknown): unknown {
	const code = codeOf(error);
	if (full.has(code)) return new Refusal('storage/full', { cause: error, detail: code });
	if (damaged.has(code)) return new Refusal('app/damaged', { cause: error, detail: code });
	if (unavailable.test(code)) return new Refusal('storage/unavailable', { cause: error, detail: code });
	return error;
}
