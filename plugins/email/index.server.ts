/** A normalised email address, and the mail that carries a code, and perhaps a link, to it. */
import { definePlugin, type CodeToCompose } from '@menshen/plugin-kit';
import { htmlOf, textOf } from './letter';
import manifest from './manifest.json';
import { piecesFor } from './wording';

/** RFC 5321 §4.5.3.1.3. */
const longest = 254;

/**
 * One `@`, no space or control character, a dot in the domain. Delivery is the proof; this only catches typing
 * errors.
 */
const shape =
	/^[^\s@\p{C}"(),:;<>[\\\]]{1,64}@[^\s@\p{C}"(),:;<>[\\\]]{1,190}\.[^\s@\p{C}."(),:;<>[\\\]]{2,63}$/u;

function normalise(typed: string): string | undefined {
	if (typed.length > longest) return undefined;
	const address = typed.normalize('NFKC').trim();
	// One compatibility sign may stand for many: the result is measured again.
	const key = shape.test(address) ? address.toLowerCase() : undefined;
	return key && key.length <= longest ? key : undefined;
}

const longestName = 60;

/** One line of visible signs: a line break would add headers, a hidden sign could turn the subject around. */
const nameOf = (appName: string): string =>
	[...appName.replace(/[\p{C}\p{Z}\s]+/gu, ' ').trim()].slice(0, longestName).join('');

export default definePlugin({
	manifest,
	code: {
		normalise: ({ typed }) => normalise(typed),
		compose({ code, purpose, appName, minutes, link: offered }: CodeToCompose, { locale, config }) {
			const link = config['link'] === true ? offered : undefined;
			const app = nameOf(appName);
			const pieces = piecesFor(locale, purpose, { app, code, minutes });
			const parts = { pieces, code, link, locale };
			return {
				subject: pieces.subject,
				text: textOf(parts),
				html: htmlOf(parts),
				params: { code, minutes: String(minutes), app, ...(link && link.length <= 500 ? { link } : {}) },
			};
		},
	},
});
