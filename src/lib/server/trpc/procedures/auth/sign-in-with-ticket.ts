import { enterExternal } from '../../../flows/external/enter-external';
import { redeemTicket } from '../../../flows/external/redeem-ticket';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { enteredAs, enteredView } from '../../views/entered';
import { ticketInput } from './inputs';

/** Signs in with what a vendor gave this client: a mini program's code, a native SDK's ticket. */
export const signInWithTicket = publicProcedure
	.input(ticketInput)
	.output(enteredView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const visitor = ctx.visitor();
		const arrived = await redeemTicket(app, input, visitor);
		const replaces = await replacedSession(ctx);
		return enteredAs(ctx, app, await enterExternal(app, { ...arrived, replaces }, visitor));
	});
