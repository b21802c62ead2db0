import { z } from 'zod';
import { changePassword as change } from '../../../flows/account/change-password';
import { sessionProcedure } from '../../guards';
import { handOver, requireCarrier } from '../../session-carrier';
import { sessionView } from '../../views/session';
import { identifierInput, secretInput } from '../auth/inputs';

/**
 * Changes the password, asking for the old one; it may be left out where the account has none. A first password of an account that has
 * nothing else to sign in with beside it takes a username along. Every other session ends; a new one takes the place of this one.
 */
export const changePassword = sessionProcedure
	.input(
		z.strictObject({
			password: secretInput.optional(),
			newPassword: secretInput,
			username: identifierInput.optional(),
		}),
	)
	.output(z.object({ session: sessionView }))
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const { user, session: here } = ctx;
		const wish = { ...input, user, session: here, password: input.password ?? '' };
		return { session: handOver(ctx, ctx.app, await change(ctx.app, wish, ctx.visitor())) };
	});
