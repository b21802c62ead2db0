/** What the Graph API answers: of each reply only what is used. */
import { z } from 'zod';

export const errorReply = z.object({
	error: z.object({
		message: z.string(),
		code: z.int(),
		error_subcode: z.int().optional(),
	}),
});

export const tokenReply = z.object({ access_token: z.string().min(1).max(4096) });

export const meReply = z.object({
	/** Of this person within this app. */
	id: z.string().regex(/^\d{1,40}$/),
	name: z.string().optional(),
	email: z.string().optional(),
	picture: z
		.object({ data: z.object({ url: z.string(), is_silhouette: z.boolean().optional() }) })
		.optional(),
});
