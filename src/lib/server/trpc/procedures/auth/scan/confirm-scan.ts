import { z } from 'zod';
import { confirmScan as confirm, denyScan as deny, openScan as open } from '../../../../flows/scan/scan';
import { publicProcedure } from '../../../guards';
import { ticketInput } from '../inputs';

/** As the mini program reads it from the code: digits. */
const keyInput = z.string().regex(/^\d{1,15}$/);

/** For the device that scanned: which screen asks, and the word that must be the same on the screen. */
export const openScan = publicProcedure
	.input(z.strictObject({ key: keyInput }))
	.output(
		z.object({
			app: z.object({ name: z.string(), website: z.string() }),
			word: z.string(),
			connector: z.string(),
			/** What confirming does: sign the screen in, or link this account to the one that is signed in there. */
			purpose: z.enum(['sign-in', 'link']),
			/** When the screen drew it, in ms. */
			createdAt: z.number(),
		}),
	)
	.mutation(async ({ ctx, input }) => open(await ctx.findApp(), input, ctx.visitor()));

/** Confirms the sign-in; the vendor's ticket identifies the person. */
export const confirmScan = publicProcedure
	.input(ticketInput.omit({ connector: true }).extend({ key: keyInput }))
	.output(z.void())
	.mutation(async ({ ctx, input: { params, ...rest } }) =>
		confirm(await ctx.findApp(), { ...rest, ...(params ? { params } : {}) }, ctx.visitor()),
	);

/** Refuses the sign-in. */
export const denyScan = publicProcedure
	.input(z.strictObject({ key: keyInput }))
	.output(z.void())
	.mutation(async ({ ctx, input }) => deny(await ctx.findApp(), input, ctx.visitor()));
