import { z } from 'zod';

/** An external account that signs a user in. Times in ms. */
export const identityView = z.object({
	id: z.string(),
	/** The plugin that brought it. */
	connector: z.string(),
	/** The person's name at the vendor. */
	name: z.string(),
	/** https address of a picture, or empty. */
	avatar: z.string(),
	createdAt: z.number(),
	lastUsedAt: z.number(),
});

/** A passkey on a user's device. */
export const passkeyView = z.object({
	id: z.string(),
	name: z.string(),
	createdAt: z.number(),
	lastUsedAt: z.number().nullable(),
});

/** Whether it is the only way in that works. */
export const lastView = { isLast: z.boolean() };

/** As authenticators make them, base64url (WebAuthn Level 3 §4, credential id: at most 1023 bytes). */
export const passkeyIdInput = z.string().min(1).max(1400);
