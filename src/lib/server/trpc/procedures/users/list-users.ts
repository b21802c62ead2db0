import { z } from 'zod';
import { listUsers as list } from '../../../flows/users/manage-users';
import { administratorProcedure } from '../../guards';
import { pageShape } from '../../views/page';
import { userView } from '../../views/user';

/** The app's users, the newest first. `search` matches the beginning of names, or a whole id or number. */
export const listUsers = administratorProcedure
	.input(
		z.strictObject({
			...pageShape,
			search: z.string().max(254).optional(),
			status: z.enum(['active', 'disabled', 'pending']).optional(),
		}),
	)
	.output(z.object({ users: z.array(userView), next: z.number().optional() }))
	.query(({ ctx, input }) => list(ctx.app, input));
