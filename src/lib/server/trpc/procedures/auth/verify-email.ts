import { z } from 'zod';
import { Refusal } from '../../../../contract/errors';
import { confirmEmail } from '../../../flows/verify/confirm-email';
import { publicProcedure } from '../../guards';
import { codeInput, tokenInput } from './inputs';

/** Proves an email: by the token of the mailed link, or, signed in, by the mailed code. */
export const verifyEmail = publicProcedure
	.input(z.union([z.strictObject({ token: tokenInput }), z.strictObject({ code: codeInput })]))
	.output(z.void())
	.mutation(async ({ ctx, input }) => {
		const app = await ctx.findApp();
		if ('token' in input) return confirmEmail(app, input, ctx.visitor());
		const caller = await ctx.findUser();
		if (!caller) throw new Refusal('auth/not-signed-in');
		return confirmEmail(app, { user: caller.user, code: input.code }, ctx.visitor());
	});
