/** What GitHub's API answers: of each reply only what is used. */
import { z } from 'zod';

export const userReply = z.object({
	/** Stays when the person changes their login. */
	id: z.int().positive(),
	login: z.string().min(1).max(100),
	name: z.string().nullish(),
	avatar_url: z.string().nullish(),
});

export const emailsReply = z
	.array(z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }))
	.max(1000);
