/** Google's claims beyond the standard ones; what has another type counts as absent. */
import { z } from 'zod';

export const idTokenClaims = z.object({
	/** The Workspace organisation that the account belongs to. */
	hd: z.string().optional().catch(undefined),
	email: z.string().optional().catch(undefined),
	email_verified: z.boolean().optional().catch(undefined),
});
export type GoogleClaims = z.output<typeof idTokenClaims>;
