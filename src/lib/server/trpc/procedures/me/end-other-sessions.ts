import { z } from 'zod';
import { signOutEverywhere } from '../../../flows/sign-out/end-sessions';
import { sessionProcedure } from '../../guards';

/** Ends every session of the user except the one that asks. @returns how many ended */
export const endOtherSessions = sessionProcedure
	.output(z.object({ ended: z.number() }))
	.mutation(async ({ ctx }) => {
		const { app, user, session } = ctx;
		const ended = await signOutEverywhere(
			app,
			{ userId: user.id, except: session.id, actor: { kind: 'user', id: user.id } },
			ctx.visitor(),
		);
		return { ended };
	});
