import { z } from 'zod';
import { completeRecovery } from '../../../flows/recover/recover';
import { publicProcedure } from '../../guards';
import { codeInput, identifierInput, secretInput, tokenInput } from './inputs';

/**
 * Chooses a new password with a mailed code, or with the token of the mailed link. Signs out everywhere. With the
 * `verification` that `auth.sendCode` answered, other people's wrong guesses or requests do not affect the code.
 */
export const resetPassword = publicProcedure
	.input(
		z.union([
			z.strictObject({
				identifier: identifierInput,
				code: codeInput,
				verification: tokenInput.optional(),
				newPassword: secretInput,
			}),
			z.strictObject({ token: tokenInput, newPassword: secretInput }),
		]),
	)
	.output(z.void())
	.mutation(async ({ ctx, input: { newPassword, ...proof } }) =>
		completeRecovery(await ctx.findApp(), { proof, newPassword }, ctx.visitor()),
	);
