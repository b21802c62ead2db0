import { z } from 'zod';
import { collectScan as collect } from '../../../../flows/scan/scan';
import { publicProcedure } from '../../../guards';
import { replacedSession, requireCarrier } from '../../../session-carrier';
import { enteredAs, enteredView } from '../../../views/entered';
import { tokenInput } from '../inputs';

/** Takes the confirmed sign-in, once. */
export const collectScan = publicProcedure
	.input(z.strictObject({ secret: tokenInput }))
	.output(enteredView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const replaces = await replacedSession(ctx);
		return enteredAs(ctx, app, await collect(app, { ...input, replaces }, ctx.visitor()));
	});
