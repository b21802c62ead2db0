import { z } from 'zod';
import { getUser as get } from '../../../flows/users/manage-users';
import { administratorProcedure } from '../../guards';
import { idInput } from '../../views/page';
import { userView } from '../../views/user';

export const getUser = administratorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(userView)
	.query(({ ctx, input }) => get(ctx.app, input.id));
