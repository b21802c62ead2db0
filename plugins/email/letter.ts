/** A mail as plain text and as HTML: the same words, nothing fetched, no information by colour alone. */
import type { Locale } from '@menshen/plugin-kit';
import type { Pieces } from './wording';

export interface LetterParts {
	pieces: Pieces;
	code: string;
	link?: string | undefined;
	locale: Locale;
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export function textOf({ pieces, code, link }: LetterParts): string {
	const { opening, codeLabel, linkLabel, closing } = pieces;
	const separator = codeLabel.endsWith('：') ? '' : ' ';
	return [
		opening,
		`${codeLabel}${separator}${code}`,
		...(link ? [`${linkLabel}\n${link}`] : []),
		closing,
	].join('\n\n');
}

/** Styles are in the elements: mail programs drop everything else. */
export function htmlOf({ pieces, code, link, locale }: LetterParts): string {
	const { subject, opening, codeLabel, linkLabel, closing } = pieces;
	const linked = link
		? `<p>${escape(linkLabel)}<br><a href="${escape(link)}" style="word-break:break-all">${escape(link)}</a></p>`
		: '';
	return [
		`<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escape(subject)}</title></head>`,
		'<body style="font-family:sans-serif;font-size:16px;line-height:1.6;max-width:36em;margin:0 auto;padding:24px">',
		`<p>${escape(opening)}</p>`,
		`<p>${escape(codeLabel)}<br><b style="font-size:28px;letter-spacing:4px">${escape(code)}</b></p>`,
		linked,
		`<p style="font-size:14px">${escape(closing)}</p>`,
		'</body></html>',
	].join('');
}
