/**
 * A person's name. Any script and any visible character; no line breaks, and nothing that changes the direction of
 * the text around it (UAX #9): names are shown in lists, mails and logs beside other text.
 */
import { z } from 'zod';

/** In characters, as zod counts them: a surrogate pair is one. */
const longestName = 80;

/** Control characters and separators of lines. */
const breaks = /[\p{Cc}\u2028\u2029]+/gu;
/** Embeddings, overrides and isolates of direction, and lone surrogates, which databases store differently. */
const turns = /[\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;

/** Trimmed; may be empty. */
export const personNameSchema = z
	.string()
	.trim()
	.max(longestName)
	.refine((name) => name.search(breaks) < 0 && name.search(turns) < 0);

/** The same for a name from a third party, which cannot be refused and asked for again. */
export function tidyPersonName(given: string): string {
	return [...given.replace(breaks, ' ').replace(turns, '').trim()].slice(0, longestName).join('').trim();
}
