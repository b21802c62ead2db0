import { z } from 'zod';
import { requestRecovery } from '../../../flows/recover/recover';
import { requestEmailVerification } from '../../../flows/verify/confirm-email';
import { proveUser, publicProcedure } from '../../guards';
import { identifierInput } from './inputs';

/** Mails a code: to choose a new password, the same for unknown accounts; or to prove one's own email. */
export const sendCode = publicProcedure
	.input(
		z.discriminatedUnion('purpose', [
			z.strictObject({ purpose: z.literal('recover'), identifier: identifierInput }),
			z.strictObject({ purpose: z.literal('verify-email') }),
		]),
	)
	.output(z.void())
	.mutation(async ({ ctx, input }) => {
		const app = await ctx.findApp();
		if (input.purpose === 'recover')
			return requestRecovery(app, { identifier: input.identifier }, ctx.visitor());
		const { user } = await proveUser(ctx);
		return requestEmailVerification(app, user, ctx.visitor());
	});
