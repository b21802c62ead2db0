/**
 * What a person is called. Any script, any sign that can be seen; nothing that breaks a line, and nothing that
 * turns the text around it about (UAX #9): names stand in lists, letters and logs beside other words.
 */
import { z } from 'zod';

/** In characters, as zod counts them: one of two halves is one. */
const longestName = 80;

/** Control characters and separators of lines. */
const breaks = /[\p{Cc}\u2028\u2029]+/gu;
/** Embeddings, overrides and isolates of direction, and halves of characters, which no database keeps alike. */
const turns = /[\p{Cs}\u202a-\u202e\u2066-\u2069]/gu;

/** Trimmed; may be empty. */
export const personNameSchema = z
	.string()
	.trim()
	.max(longestName)
	.refine((name) => name.search(breaks) < 0 && name.search(turns) < 0);

/** The same for a name that somebody else gave, and nobody can be asked to correct. */
export function tidyPersonName(given: string): string {
	return [...given.replace(breaks, ' ').replace(turns, '').trim()].slice(0, longestName).join('').trim();
}
