import { z } from 'zod';
import { endOwnSession } from '../../../flows/account/own-sessions';
import { userProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Ends one of the user's sessions. */
export const endSession = userProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.void())
	.mutation(({ ctx, input }) => endOwnSession(ctx.app, { userId: ctx.user.id, id: input.id }, ctx.visitor()));
