import { z } from 'zod';

/** An operator of the appliance. Times in ms. */
export const operatorView = z.object({
	id: z.string(),
	email: z.string(),
	name: z.string(),
	role: z.enum(['owner', 'operator']),
	locale: z.string().nullable(),
	createdAt: z.number(),
	lastSignInAt: z.number().nullable(),
});
