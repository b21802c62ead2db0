/** Countries and their calling codes, by name in the reader's language, and a guess at the reader's own. */
import { getCountries, getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/min';
import type { Locale } from './locale';

export interface Country {
	/** ISO 3166-1, e.g. `CN`. */
	code: string;
	/** e.g. `+86`. */
	calling: string;
	name: string;
}

/** Eleven digits without a country are Chinese, here as everywhere (contract/identifiers). */
const fallback = 'CN';
const lists = new Map<Locale, readonly Country[]>();

export function countriesIn(locale: Locale): readonly Country[] {
	const known = lists.get(locale);
	if (known) return known;
	const names = new Intl.DisplayNames(locale, { type: 'region' });
	const { compare } = new Intl.Collator(locale);
	const list = getCountries()
		.map((code) => ({ code, calling: `+${getCountryCallingCode(code)}`, name: names.of(code) ?? code }))
		.sort((a, b) => compare(a.name, b.name));
	lists.set(locale, list);
	return list;
}

/** @param acceptLanguage as browsers send it: the first language that names a region decides */
export function guessCountry(acceptLanguage: string | null): string {
	const tags = (acceptLanguage ?? '').split(',').map((part) => part.split(';')[0]?.trim() ?? '');
	for (const tag of tags) {
		const region = /^[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})$/i.exec(tag)?.[1]?.toUpperCase();
		if (region && isSupportedCountry(region)) return region;
	}
	return fallback;
}
