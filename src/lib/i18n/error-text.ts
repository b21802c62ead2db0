/**
 * The text of a refusal. The table of codes (contract/errors) names the message; this build has no text for an
 * unknown code, so an unknown code is a bug of ours. For the server and for pages without client code: it carries
 * every text of messages/errors.
 */
import { messageKeyOf, type ErrorCode, type RefusalParams } from '$lib/contract/errors';
import type { Locale } from './locale';
import { m } from './paraglide/messages';

type Message = (params: RefusalParams, options: { locale: Locale }) => string;

/** Looked up by name, which the generated module's type does not allow by itself. */
const texts = m as unknown as Readonly<Record<string, Message | undefined>>;

/** What happened and the next step, in `locale`. */
export function errorText(code: ErrorCode, params: RefusalParams, locale: Locale): string {
	const text = texts[messageKeyOf(code)] ?? texts[messageKeyOf('server/unexpected')];
	return text ? text(params, { locale }) : code;
}
