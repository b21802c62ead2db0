/**
 * Which passwords are accepted (NIST 800-63B-4 §3.1.1): length and a list of the passwords that attackers try
 * first, no composition rules. Nothing is cut off or folded.
 */
import { keyOf } from '../../contract/identifiers';
import type { ErrorCode, RefusalParams } from '../../contract/errors';

export interface PasswordRules {
	minLength: number;
	maxLength: number;
	/** Whether a password is on the list of common ones, by its key. */
	isCommon: (key: string) => boolean;
	/** Words of the context: the app's name, the user's own identifiers. */
	context: readonly string[];
}

export type PasswordVerdict = { ok: true } | { ok: false; code: ErrorCode; params: RefusalParams };

/** Longest password taken: far above any passphrase, small enough that hashing it costs nothing extra. */
export const longestPassword = 1024;

const refused = (code: ErrorCode, params: RefusalParams = {}): PasswordVerdict => ({
	ok: false,
	code,
	params,
});

/** A name is part of the password when it makes up most of it: "alice2026" for alice, not "malice aforethought". */
function consistsOf(password: string, word: string): boolean {
	const part = keyOf(word);
	return part.length >= 3 && password.includes(part) && password.length - part.length <= 4;
}

export function judgePassword(password: string, rules: PasswordRules): PasswordVerdict {
	const length = [...password].length;
	if (length < rules.minLength) return refused('password/too-short', { min: rules.minLength });
	if (length > rules.maxLength) return refused('password/too-long', { max: rules.maxLength });
	const key = keyOf(password);
	if (rules.isCommon(key) || new Set(key).size <= 2) return refused('password/too-common');
	const words = rules.context.flatMap((word) => [word, word.split('@')[0] ?? '']);
	if (words.some((word) => consistsOf(key, word))) return refused('password/contains-name');
	return { ok: true };
}
