/** What Twilio answers: an accepted message has a `sid`, an error a number as its `code`. */
import { z } from 'zod';

const error = z.object({ code: z.number().int() });
/** `status` of a message is a text, of an error a number. */
export const sentSchema = z.union([
	z.object({ sid: z.string().regex(/^[SM]M[0-9a-f]{32}$/), status: z.string().max(40) }),
	error,
]);
export const accountSchema = z.union([z.object({ sid: z.string(), status: z.string().max(40) }), error]);
