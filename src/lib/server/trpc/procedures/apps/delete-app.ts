import { z } from 'zod';
import { deleteApp as remove } from '../../../flows/apps/manage-apps';
import { appIdSchema } from '../../../../contract/app-settings';
import { operatorProcedure } from '../../guards';

/** Deletes an app with all its users. The id has to be given again, so that a header alone deletes nothing. */
export const deleteApp = operatorProcedure
	.input(z.strictObject({ id: appIdSchema }))
	.output(z.void())
	.mutation(({ ctx, input }) => remove(ctx.appliance, { id: input.id, actor: ctx.actor }, ctx.visitor()));
