/** The language in which a person is addressed. Two are complete: English and Simplified Chinese. */

export const locales = ['en', 'zh-CN'] as const;
export type Locale = (typeof locales)[number];

/** Each language's own name, for those who cannot read the other. */
export const localeNames: Readonly<Record<Locale, string>> = { en: 'English', 'zh-CN': '简体中文' };

export const fallbackLocale: Locale = 'en';

/** Any Chinese is better served by Simplified Chinese than by English; every other language by English. */
function nearestLocale(tag: string): Locale | undefined {
	if (!/^[a-z]{2,3}(-[a-z0-9]{1,8})*$/i.test(tag)) return undefined;
	return /^zh(-|$)/i.test(tag) ? 'zh-CN' : 'en';
}

/** The tags of an Accept-Language header in the person's order (RFC 9110 §12.5.4); refused ones (q=0) left out. */
function tagsOf(acceptLanguage: string): string[] {
	return acceptLanguage
		.slice(0, 500)
		.split(',')
		.map((part, index) => {
			const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
			const quality = parameters.find((piece) => /^q=/i.test(piece))?.slice(2);
			return { tag, quality: quality === undefined ? 1 : Number(quality) || 0, index };
		})
		.filter(({ quality }) => quality > 0)
		.sort((a, b) => b.quality - a.quality || a.index - b.index)
		.map(({ tag }) => tag);
}

interface LocaleWishes {
	/** `ui_locales` of the address: space-separated tags in order (OpenID Connect Core §3.1.2.1). */
	ui_locales?: string | null | undefined;
	/** What the person chose before (cookie or account). */
	choice?: string | null | undefined;
	/** The Accept-Language header. */
	acceptLanguage?: string | null | undefined;
}

/** The language to answer in: asked for in the address, else chosen before, else what the browser prefers. */
export function pickLocale({ ui_locales, choice, acceptLanguage }: LocaleWishes): Locale {
	const wishes = [
		...(ui_locales ?? '').trim().slice(0, 500).split(/\s+/),
		choice ?? '',
		...tagsOf(acceptLanguage ?? ''),
	];
	for (const wish of wishes) {
		const locale = nearestLocale(wish);
		if (locale) return locale;
	}
	return fallbackLocale;
}

/** This same page in another language. The name of a form action (`?/…`) is dropped. */
export function withLocale(url: URL, locale: Locale): string {
	const kept = [...url.searchParams].filter(([name]) => name !== 'ui_locales' && !name.startsWith('/'));
	return `?${new URLSearchParams([...kept, ['ui_locales', locale]]).toString()}`;
}
