import { z } from 'zod';
import { listMethods as list } from '../../../flows/sign-in/list-methods';
import { publicProcedure } from '../../guards';

/** The ways in that the app offers this client, the likeliest first: what its own sign-in screen shows. */
export const listMethods = publicProcedure
	.output(
		z.array(
			z.object({
				/** The connector, as other procedures take it. */
				id: z.string(),
				/** In the language of the request. */
				name: z.string(),
				/** A `data:` URL. */
				icon: z.string(),
				/** How this way in begins. `redirect` needs a browser: send it to the app's sign-in page. */
				way: z.enum(['password', 'code', 'redirect', 'scan', 'passkey', 'guest']),
				/** The kind of address that the code is sent to. */
				identifier: z.enum(['email', 'phone']).optional(),
				/** The identifiers that may be typed beside a password; else none. */
				names: z.array(z.enum(['username', 'email', 'phone'])),
				/** The label of what is typed before a redirect begins. */
				asks: z.string().optional(),
			}),
		),
	)
	.query(async ({ ctx }) => list(await ctx.findApp(), ctx.visitor()));
