import { z } from 'zod';
import { updateUser as update } from '../../../flows/users/manage-users';
import { userChangeSchema } from '../../../flows/users/user-change';
import { appOperatorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { userView } from '../../views/user';

/** Changes the given data of a user. Disabling ends every session and token. */
export const updateUser = appOperatorProcedure
	.input(z.strictObject({ id: idInput, ...userChangeSchema.shape }))
	.output(userView)
	.mutation(({ ctx, input: { id, ...change } }) =>
		update(ctx.app, { id, change, actor: ctx.actor }, ctx.visitor()),
	);
