import { z } from 'zod';
import { watchScan as watch } from '../../../../flows/scan/scan';
import { publicProcedure } from '../../../guards';
import { tokenInput } from '../inputs';

/** The state of a scan; changes nothing. */
export const watchScan = publicProcedure
	.input(z.strictObject({ secret: tokenInput }))
	.output(
		z.discriminatedUnion('status', [
			z.object({
				status: z.literal('waiting'),
				/** Whether the other device has opened it. */
				seen: z.boolean(),
				word: z.string(),
				connector: z.string(),
			}),
			z.object({ status: z.literal('confirmed') }),
			z.object({ status: z.literal('denied') }),
			z.object({ status: z.literal('over') }),
		]),
	)
	.query(async ({ ctx, input }) => watch(await ctx.findApp(), input));
