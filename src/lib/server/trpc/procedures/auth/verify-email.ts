import { z } from 'zod';
import { confirmEmail } from '../../../flows/verify/confirm-email';
import { proveUser, publicProcedure } from '../../guards';
import { codeInput, tokenInput } from './inputs';

/** Proves an email: by the token of the mailed link, or, signed in, by the mailed code. */
export const verifyEmail = publicProcedure
	.input(z.union([z.strictObject({ token: tokenInput }), z.strictObject({ code: codeInput })]))
	.output(z.void())
	.mutation(async ({ ctx, input }) => {
		const app = await ctx.findApp();
		if ('token' in input) return confirmEmail(app, input, ctx.visitor());
		const { user } = await proveUser(ctx);
		return confirmEmail(app, { user, code: input.code }, ctx.visitor());
	});
