/** The settings, and checks across fields. */
import { z } from 'zod';

export const configSchema = z.object({
	appId: z.string().regex(/^\w+$/),
	appSecret: z.string().regex(/^[\x21-\x7e]+$/),
	/** WeChat takes neither a slash in front nor a query. */
	page: z.string().regex(/^[\w-]+(\/[\w.-]+)*$/),
	qrForm: z.enum(['scene', 'path']),
	envVersion: z.enum(['release', 'trial', 'develop']),
	checkPath: z.boolean(),
});
export type Config = z.output<typeof configSchema>;
