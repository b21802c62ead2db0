import { z } from 'zod';
import { signOut as endSession } from '../../../flows/sign-out/end-sessions';
import { publicProcedure } from '../../guards';

/** Ends the caller's session. Succeeds also without one. */
export const signOut = publicProcedure.output(z.void()).mutation(async ({ ctx }) => {
	const app = await ctx.findApp();
	const session = (await ctx.findUser())?.session;
	if (session) await endSession(app, session, ctx.visitor());
	ctx.carrier.drop(app);
});
