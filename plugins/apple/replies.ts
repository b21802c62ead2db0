/** What Apple says in forms of its own. */
import { z } from 'zod';

/** In the ID token; Apple writes the flag as text, too. */
export const idTokenClaims = z.object({
	email: z.string().optional().catch(undefined),
	email_verified: z
		.union([z.boolean(), z.literal('true').transform(() => true)])
		.optional()
		.catch(undefined),
	nonce: z.string().optional().catch(undefined),
});

/** What the browser brings at the very first approval, and only then: a name as the person typed it. */
export const userField = z.object({
	name: z.object({ firstName: z.string().optional(), lastName: z.string().optional() }).optional(),
});
