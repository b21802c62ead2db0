/** Randomness, all of it from the operating system's generator. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** An opaque id or secret: base64url of `bytes` random bytes (16 bytes = 128 bits = 22 characters). */
export function randomToken(bytes = 32): string {
	return randomBytes(bytes).toString('base64url');
}

/** The same in hex, for vendors that accept letters and digits only. */
export function randomHex(bytes = 32): string {
	return randomBytes(bytes).toString('hex');
}

/** The id of a row that people never type: 128 bits, 22 characters. */
export function newId(): string {
	return randomToken(16);
}

/** Names one request in logs and answers. Node draws these in advance, so that one costs next to nothing. */
export function newRequestId(): string {
	return randomUUID();
}

/** A code that people type: `length` decimal digits, each equally likely. */
export function randomDigits(length = 6): string {
	return Array.from({ length }, () => randomInt(10)).join('');
}

/** The set-up code: 16 characters of Crockford's alphabet in groups of four (80 bits). */
export function randomWords(groups = 4): string {
	const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
	const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join('');
	return Array.from({ length: groups }, group).join('-');
}
