import { z } from 'zod';
import { deleteUser as remove } from '../../../flows/users/manage-users';
import { appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Deletes a user with all that was kept of them. */
export const deleteUser = appOperatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => remove(ctx.app, { id: input.id, actor: ctx.actor }, ctx.visitor()));
