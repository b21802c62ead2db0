/** The three kinds of clients an operator chooses from, and what each means in the registration. */
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';

interface Shape {
	confidential: boolean;
	applicationType: 'web' | 'native';
}

/** `server` keeps a secret; `browser` and `native` run where anyone can read their code. */
export const kinds = {
	server: { confidential: true, applicationType: 'web' },
	browser: { confidential: false, applicationType: 'web' },
	native: { confidential: false, applicationType: 'native' },
} as const satisfies Record<string, Shape>;

export type Kind = keyof typeof kinds;

export const isKind = (value: string): value is Kind => Object.hasOwn(kinds, value);

export function kindText({ confidential, applicationType }: Shape, locale: Locale): string {
	if (applicationType === 'native')
		return confidential
			? m.console_kind_native_secret({}, { locale })
			: m.console_kind_native({}, { locale });
	return confidential ? m.console_kind_server({}, { locale }) : m.console_kind_browser({}, { locale });
}

/** An id out of a name, as far as it has letters that an id may have. */
export const idFrom = (name: string): string =>
	name
		.normalize('NFKD')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 40);
