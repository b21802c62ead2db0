import { z } from 'zod';

/** A user as the user sees themselves. Times in ms. */
export const profileView = z.object({
	/** Opaque and lasting: the `sub` of OpenID Connect. */
	id: z.string(),
	/** Counted up per app. */
	number: z.number(),
	username: z.string().nullable(),
	email: z.string().nullable(),
	emailVerified: z.boolean(),
	phone: z.string().nullable(),
	phoneVerified: z.boolean(),
	name: z.string(),
	locale: z.string().nullable(),
	/** The primary one first. */
	roles: z.array(z.string()),
	points: z.number(),
	createdAt: z.number(),
	lastSignInAt: z.number().nullable(),
});
export type ProfileView = z.output<typeof profileView>;

/** A user as operators see one. */
export const userView = profileView.extend({
	status: z.enum(['active', 'disabled', 'pending']),
	updatedAt: z.number(),
	signInCount: z.number(),
});
