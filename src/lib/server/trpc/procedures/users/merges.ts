import { z } from 'zod';
import { listMerges as list, undoMerge as undo } from '../../../flows/external/merge-users';
import { administratorProcedure, appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Accounts that a vendor showed to be one person's, newest first. */
export const listMerges = administratorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(
		z.array(
			z.object({
				id: z.string(),
				/** The account that stayed, and the one that was disabled. */
				keptUser: z.string(),
				goneUser: z.string(),
				createdAt: z.number(),
				undoneAt: z.number().nullable(),
			}),
		),
	)
	.query(({ ctx, input }) => list(ctx.app, input.id));

/** Undoes a merge: each account has its own data again; they are not merged again. */
export const undoMerge = appOperatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => undo(ctx.app, { id: input.id, actor: ctx.actor }, ctx.visitor()));
