import { z } from 'zod';
import { Refusal } from '../../../../contract/errors';
import { requestRecovery } from '../../../flows/recover/recover';
import { requestEmailVerification } from '../../../flows/verify/confirm-email';
import { publicProcedure } from '../../guards';
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
		const caller = await ctx.findUser();
		if (!caller) throw new Refusal('auth/not-signed-in');
		return requestEmailVerification(app, caller.user, ctx.visitor());
	});
