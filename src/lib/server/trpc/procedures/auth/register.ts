import { z } from 'zod';
import { personNameSchema } from '../../../../contract/person-name';
import { submitRegistration } from '../../../flows/register/register';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { joinedAs, joinedView } from '../../views/joined';
import { secretInput } from './inputs';

const registeredView = z.discriminatedUnion('status', [
	...joinedView.options,
	/** A code was mailed: `auth.completeRegistration` takes it. The same for an address that has an account. */
	z.object({ status: z.literal('verify-email'), verification: z.string(), email: z.string() }),
]);

export const register = publicProcedure
	.input(
		z.strictObject({
			username: z.string().max(64).optional(),
			email: z.string().max(254).optional(),
			password: secretInput,
			name: personNameSchema.optional(),
		}),
	)
	.output(registeredView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const registered = await submitRegistration(
			app,
			{ ...input, replaces: await replacedSession(ctx) },
			ctx.visitor(),
		);
		if (registered.status === 'verify-email') return registered;
		return joinedAs(ctx, app, registered);
	});
