/** The operator's settings, typed. */
import { z } from 'zod';

export const configSchema = z.object({
	clientName: z.string(),
	clientId: z.string().optional(),
});
export type Config = z.output<typeof configSchema>;
