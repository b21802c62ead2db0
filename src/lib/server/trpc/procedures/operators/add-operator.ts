import { z } from 'zod';
import { personNameSchema } from '../../../../contract/person-name';
import { addOperator as add } from '../../../flows/operators/operators';
import { ownerProcedure } from '../../guards';
import { operatorView } from '../../views/operator';
import { secretInput } from '../auth/inputs';

export const addOperator = ownerProcedure
	.input(
		z.strictObject({
			email: z.string().max(254),
			password: secretInput,
			role: z.enum(['owner', 'operator']),
			name: personNameSchema.optional(),
		}),
	)
	.output(operatorView)
	.mutation(({ ctx, input }) => add(ctx.appliance, { input, actor: ctx.actor }, ctx.visitor()));
