/**
 * A vendor's profile of a person, in the form that the host accepts. Values that do not fit are left out, so that
 * they stop no sign-in.
 */
import { z } from 'zod';

/** A name: 200 UTF-16 units, no lone surrogates. */
export const nameReply = z
	.string()
	.transform((text) => Array.from(text.trim()).slice(0, 100).join('') || undefined)
	.optional()
	.catch(undefined);

/** The address of a picture. Many come under http; the same picture is there under https. */
export const pictureReply = z
	.string()
	.transform((text) => text.replace(/^http:/, 'https:'))
	.pipe(z.url({ protocol: /^https$/ }).max(2048))
	.optional()
	.catch(undefined);
