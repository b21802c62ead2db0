import { z } from 'zod';
import { completeRegistration as complete } from '../../../flows/register/register';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { idInput } from '../../views/page';
import { joinedAs, joinedView } from '../../views/joined';
import { codeInput } from './inputs';

/** Makes the account that waited for the mailed code, and signs it in. */
export const completeRegistration = publicProcedure
	.input(z.strictObject({ verification: idInput, code: codeInput }))
	.output(joinedView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const joined = await complete(app, { ...input, replaces: await replacedSession(ctx) }, ctx.visitor());
		return joinedAs(ctx, app, joined);
	});
