import { z } from 'zod';
import { resetOperatorPassword as reset } from '../../../flows/operators/operators';
import { ownerProcedure } from '../../guards';
import { secretInput } from '../auth/inputs';

/** Sets an operator's password and ends their sessions. */
export const resetOperatorPassword = ownerProcedure
	.input(z.strictObject({ email: z.string().max(254), newPassword: secretInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => reset(ctx.appliance, { ...input, actor: ctx.actor }, ctx.visitor()));
