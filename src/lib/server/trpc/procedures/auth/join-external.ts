import { z } from 'zod';
import { joinExternal as join } from '../../../flows/external/enter-external';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { joinedAs, joinedView } from '../../views/joined';
import { tokenInput } from './inputs';

/** The person who waits (`status: ask`) becomes a new user. */
export const joinExternal = publicProcedure
	.input(z.strictObject({ pending: tokenInput }))
	.output(joinedView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const replaces = await replacedSession(ctx);
		return joinedAs(ctx, app, await join(app, { ...input, replaces }, ctx.visitor()));
	});
