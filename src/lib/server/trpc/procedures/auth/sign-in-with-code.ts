import { z } from 'zod';
import { signInByCode } from '../../../flows/codes/submit-code';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { joinedAs, joinedView } from '../../views/joined';
import { idInput } from '../../views/page';
import { codeInput } from './inputs';

/**
 * Signs in with the code that `auth.sendCode` sent for `sign-in`; a new person becomes a user where the app allows
 * it.
 */
export const signInWithCode = publicProcedure
	.input(z.strictObject({ verification: idInput, code: codeInput }))
	.output(joinedView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const answer = { ...input, replaces: await replacedSession(ctx) };
		return joinedAs(ctx, app, await signInByCode(app, answer, ctx.visitor()));
	});
