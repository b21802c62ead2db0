import { z } from 'zod';
import { deleteRole as remove } from '../../../flows/roles/delete-role';
import { appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Deletes a role and takes it from all users who hold it. @returns how many held it */
export const deleteRole = appOperatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.object({ holders: z.number() }))
	.mutation(async ({ ctx: { app, actor, visitor }, input }) => ({
		holders: await remove(app, { id: input.id, actor }, visitor()),
	}));
