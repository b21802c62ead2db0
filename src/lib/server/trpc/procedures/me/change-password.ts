import { z } from 'zod';
import { changePassword as change } from '../../../flows/account/change-password';
import { sessionProcedure } from '../../guards';
import { handOver, requireCarrier } from '../../session-carrier';
import { sessionView } from '../../views/session';
import { secretInput } from '../auth/inputs';

/** Changes the password, asking for the old one. Every other session ends; a new one takes the place of this one. */
export const changePassword = sessionProcedure
	.input(z.strictObject({ password: secretInput, newPassword: secretInput }))
	.output(z.object({ session: sessionView }))
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const session = await change(ctx.app, { user: ctx.user, ...input }, ctx.visitor());
		return { session: handOver(ctx, ctx.app, { session }) };
	});
