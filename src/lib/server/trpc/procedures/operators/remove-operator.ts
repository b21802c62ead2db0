import { z } from 'zod';
import { removeOperator as remove } from '../../../flows/operators/operators';
import { ownerProcedure } from '../../guards';
import { idInput } from '../../views/page';

export const removeOperator = ownerProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => remove(ctx.appliance, { id: input.id, actor: ctx.actor }, ctx.visitor()));
