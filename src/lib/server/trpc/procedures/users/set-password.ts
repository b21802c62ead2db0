import { z } from 'zod';
import { setUserPassword } from '../../../flows/users/manage-users';
import { appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { secretInput } from '../auth/inputs';

/** Sets a user's password and signs the user out everywhere. */
export const setPassword = appOperatorProcedure
	.input(z.strictObject({ id: idInput, newPassword: secretInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => setUserPassword(ctx.app, { ...input, actor: ctx.actor }, ctx.visitor()));
