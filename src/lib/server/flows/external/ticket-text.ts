/**
 * What a ticket is remembered by. Most are codes, which their vendor takes once. Some are signed statements (RFC
 * 7515 §3.1), which a vendor's keys confirm as often as they are shown, however the signature is written: decoders
 * forgive spaces, padding and bits beyond the end, and some signatures have a second valid form. Those are
 * remembered by what was signed.
 */
import { Refusal } from '../../../contract/errors';

export interface Ticket {
	/** The text as it is sent to the vendor. */
	text: string;
	/** The same for every spelling of it. */
	key: string;
	/** Only we can make sure that it works once. */
	signed: boolean;
}

function isHeader(part: string): boolean {
	try {
		const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
		return typeof value === 'object' && value !== null && 'alg' in value;
	} catch {
		return false;
	}
}

/** The one spelling that RFC 4648 §5 has for these bytes. */
const isCanonical = (part: string): boolean => Buffer.from(part, 'base64url').toString('base64url') === part;

/** @throws Refusal auth/not-accepted for a signed statement whose spelling differs from its signer's */
export function readTicket(sent: string): Ticket {
	const text = sent.trim();
	const parts = text.split('.');
	const [header = '', payload = '', signature = ''] = parts;
	if (parts.length !== 3 || !signature || !isHeader(header)) return { text, key: text, signed: false };
	if (!parts.every(isCanonical))
		throw new Refusal('auth/not-accepted', { detail: 'the ticket is not spelt as its signer spells it' });
	return { text, key: `${header}.${payload}`, signed: true };
}
