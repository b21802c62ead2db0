import { z } from 'zod';

/**
 * A session in an answer, for callers that keep no cookies (ADR 0012): send `token` as `Authorization: Bearer`.
 * null where a cookie carries it. `expiresAt` in ms: the latest end; an unused session ends earlier.
 */
export const sessionView = z.object({ token: z.string(), expiresAt: z.number() }).nullable();
export type SessionView = z.output<typeof sessionView>;

export const ownSessionView = z.object({
	id: z.string(),
	current: z.boolean(),
	createdAt: z.number(),
	expiresAt: z.number(),
	device: z.string(),
	address: z.string(),
	amr: z.array(z.string()),
});
