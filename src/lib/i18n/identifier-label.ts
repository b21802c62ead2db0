import { m } from './paraglide/messages';
import type { Locale } from './locale';

const names = {
	username: m.pages_identifier_username,
	email: m.pages_identifier_email,
	phone: m.pages_identifier_phone,
};

/** The label of a field that accepts any of these, e.g. "Username, email or phone". */
export function identifierLabel(kinds: readonly (keyof typeof names)[], locale: Locale): string {
	const list = new Intl.ListFormat(locale === 'en' ? 'en-GB' : locale, { type: 'disjunction' });
	const text = list.format(kinds.map((kind) => names[kind]({}, { locale })));
	return text.charAt(0).toUpperCase() + text.slice(1);
}
