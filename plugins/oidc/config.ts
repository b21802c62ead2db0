/** The operator's settings, typed, and checks across fields. */
import { z } from 'zod';

export const configSchema = z
	.object({
		issuer: z.string(),
		clientId: z.string(),
		clientAuth: z.enum(['basic', 'post', 'none']),
		clientSecret: z.string().optional(),
		scopes: z.string().default('openid'),
		userinfo: z.boolean().default(false),
		tokenAddress: z.string().optional(),
		keysAddress: z.string().optional(),
		userinfoAddress: z.string().optional(),
	})
	.refine(({ issuer }) => !/[?#]/.test(issuer), { path: ['issuer'] })
	.refine(({ clientAuth, clientSecret }) => (clientAuth === 'none') === !clientSecret, {
		path: ['clientSecret'],
	});
export type Config = z.output<typeof configSchema>;
