import { z } from 'zod';
import { becomeUser as become } from '../../../flows/account/become-user';
import { sessionProcedure } from '../../guards';
import { handOver, requireCarrier } from '../../session-carrier';
import { sessionView } from '../../views/session';
import { identifierInput, secretInput } from '../auth/inputs';

/**
 * A guest chooses a username and a password, and is a full user from then on: what signed the guest in opens
 * nothing any more. A new session takes the place of all before it.
 */
export const becomeUser = sessionProcedure
	.input(z.strictObject({ username: identifierInput, newPassword: secretInput }))
	.output(z.object({ session: sessionView }))
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const became = await become(ctx.app, { user: ctx.user, session: ctx.session, ...input }, ctx.visitor());
		return { session: handOver(ctx, ctx.app, became) };
	});
