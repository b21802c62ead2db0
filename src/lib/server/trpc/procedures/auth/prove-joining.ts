import { z } from 'zod';
import { proveJoining as prove } from '../../../flows/codes/submit-code';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { joinedAs, joinedView } from '../../views/joined';
import { idInput } from '../../views/page';
import { codeInput, tokenInput } from './inputs';

/** The proof that an account waits for, by the code that `auth.sendCode` sent for `join`. */
export const proveJoining = publicProcedure
	.input(z.strictObject({ pending: tokenInput, verification: idInput, code: codeInput }))
	.output(joinedView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const answer = { ...input, replaces: await replacedSession(ctx) };
		return joinedAs(ctx, app, await prove(app, answer, ctx.visitor()));
	});
