import { z } from 'zod';

/** One security event. `at` in ms; `target` is `kind:id` and may be empty. */
export const auditEventView = z.object({
	seq: z.number(),
	at: z.number(),
	action: z.string(),
	outcome: z.enum(['ok', 'refused']),
	actor: z.object({ kind: z.enum(['user', 'operator', 'client', 'system', 'nobody']), id: z.string() }),
	target: z.string(),
	address: z.string(),
	requestId: z.string(),
	detail: z.record(z.string(), z.unknown()),
});
