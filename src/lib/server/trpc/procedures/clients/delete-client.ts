import { z } from 'zod';
import { deleteClient as remove } from '../../../flows/clients/manage-clients';
import { appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Removes a client and everything issued to it. */
export const deleteClient = appOperatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => remove(ctx.app, { id: input.id, actor: ctx.actor }, ctx.visitor()));
