import { z } from 'zod';
import { signOutEverywhere } from '../../../flows/sign-out/end-sessions';
import { administratorProcedure } from '../../guards';
import { idInput } from '../../views/page';

/** Signs a user out everywhere. @returns how many sessions ended */
export const signOutUser = administratorProcedure
	.input(z.strictObject({ id: idInput }))
	.output(z.object({ ended: z.number() }))
	.mutation(async ({ ctx: { app, actor, visitor }, input }) => ({
		ended: await signOutEverywhere(app, { userId: input.id, actor }, visitor()),
	}));
