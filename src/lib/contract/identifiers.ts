/**
 * Identifiers of a user: username, email, phone. Each has the form that was typed and a key, the normalised
 * form that is unique per app and the only one that is searched (docs/architecture.md, "Words").
 */
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { z } from 'zod';

export type IdentifierKind = 'username' | 'email' | 'phone';

/** Longest identifiers: usernames 64 characters, emails 254 octets (RFC 5321 §4.5.3.1.3), phones 16 (E.164). */
export const identifierLimits = { username: 64, email: 254, phone: 32 } as const;

/** NFKC and case folding: `Ｂｏｂ`, `BOB` and `bob` are one name. */
export function keyOf(value: string): string {
	return value.normalize('NFKC').trim().toLowerCase();
}

/** E.164 (`+8613800138000`), or undefined. Eleven digits without a country are Chinese. */
export function phoneKey(value: string, country: CountryCode = 'CN'): string | undefined {
	if (value.length > identifierLimits.phone) return undefined;
	const parsed = parsePhoneNumberFromString(value.normalize('NFKC'), country);
	return parsed?.isPossible() ? parsed.number : undefined;
}

/** Letters of any script, digits, and `. _ -` between them; never an `@`, so that it cannot be read as an email. */
const usernameShape = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}._-]{0,62}[\p{L}\p{N}\p{M}])?$/u;
/**
 * One `@`, no space or control character, a dot in the domain. Delivery is the proof; this only catches typing
 * errors.
 */
const emailShape =
	/^[^\s@\p{C}"(),:;<>[\\\]]{1,64}@[^\s@\p{C}"(),:;<>[\\\]]{1,190}\.[^\s@\p{C}."(),:;<>[\\\]]{2,63}$/u;

/** Refuses a name that sign-in would read as another kind of identifier, as it could not be used. */
export const usernameSchema = z
	.string()
	.max(identifierLimits.username)
	.transform((value) => value.normalize('NFKC').trim())
	.refine(
		(value) =>
			usernameShape.test(value) && !/^\d{6,}$/.test(value) && classifyIdentifier(value).kind === 'username',
	);
export const emailSchema = z
	.string()
	.max(identifierLimits.email)
	.transform((value) => value.normalize('NFKC').trim())
	.refine((value) => emailShape.test(value));
export const phoneSchema = z
	.string()
	.max(identifierLimits.phone)
	.transform((value, context) => {
		const key = phoneKey(value);
		if (!key) context.addIssue({ code: 'custom', message: 'phone' });
		return key ?? z.NEVER;
	});

/**
 * What a person typed into the one identifier field, and the key to look for.
 * An `@` makes it an email; digits that are a phone number are a phone; all else is a username.
 */
export function classifyIdentifier(typed: string): { kind: IdentifierKind; key: string } {
	const value = typed.normalize('NFKC').trim().slice(0, identifierLimits.email);
	if (value.includes('@')) return { kind: 'email', key: keyOf(value) };
	const phone = /^[+\d][\d\s()-]{5,}$/.test(value) ? phoneKey(value) : undefined;
	return phone ? { kind: 'phone', key: phone } : { kind: 'username', key: keyOf(value) };
}

/** `g***@example.com`: its owner recognises it, others cannot read it. */
export function maskEmail(email: string): string {
	const at = email.lastIndexOf('@');
	return `${[...email.slice(0, Math.max(at, 0))][0] ?? ''}***${at < 0 ? '' : email.slice(at)}`;
}
