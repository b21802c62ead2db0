import { z } from 'zod';
import { sendCode as send } from '../../../flows/codes/send-code';
import { requestRecovery } from '../../../flows/recover/recover';
import { requestEmailVerification } from '../../../flows/verify/confirm-email';
import { proveUser, publicProcedure } from '../../guards';
import { connectorInput, identifierInput, tokenInput } from './inputs';

const sentView = z.object({
	/** Has to be sent back with the code. */
	verification: z.string(),
	/** The target, normalised. */
	to: z.string(),
	/** How long the code is valid. */
	minutes: z.number(),
});

/**
 * Sends a code: to sign in (`auth.signInWithCode`), to give the proof that an account waits for
 * (`auth.proveJoining`), to choose a new password, or to prove one's own email. The same answer for known and
 * unknown targets.
 */
export const sendCode = publicProcedure
	.input(
		z.discriminatedUnion('purpose', [
			z.strictObject({ purpose: z.literal('sign-in'), connector: connectorInput, to: identifierInput }),
			z.strictObject({
				purpose: z.literal('join'),
				connector: connectorInput,
				to: identifierInput,
				pending: tokenInput,
			}),
			z.strictObject({ purpose: z.literal('recover'), identifier: identifierInput }),
			z.strictObject({ purpose: z.literal('verify-email') }),
		]),
	)
	/** Absent for `verify-email`: its code is looked up by the user. */
	.output(sentView.optional())
	.mutation(async ({ ctx, input }) => {
		const app = await ctx.findApp();
		if (input.purpose === 'sign-in' || input.purpose === 'join') return send(app, input, ctx.visitor());
		if (input.purpose === 'recover')
			return requestRecovery(app, { identifier: input.identifier }, ctx.visitor());
		const { user } = await proveUser(ctx);
		return requestEmailVerification(app, user, ctx.visitor()).then(() => undefined);
	});
