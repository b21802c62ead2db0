import { z } from 'zod';
import { sendUserRecovery } from '../../../flows/users/manage-users';
import { appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Mails a user a code to choose a new password. */
export const sendRecovery = appOperatorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => sendUserRecovery(ctx.app, { id: input.id, actor: ctx.actor }, ctx.visitor()));
