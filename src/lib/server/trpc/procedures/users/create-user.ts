import { createUser as create, newUserSchema } from '../../../flows/users/manage-users';
import { appOperatorProcedure } from '../../guards';
import { userView } from '../../views/user';

/** Makes a user; at least one of username, email and phone is required. */
export const createUser = appOperatorProcedure
	.input(newUserSchema)
	.output(userView)
	.mutation(({ ctx, input }) => create(ctx.app, { input, actor: ctx.actor }, ctx.visitor()));
