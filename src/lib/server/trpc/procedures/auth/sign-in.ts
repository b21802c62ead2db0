import { z } from 'zod';
import { readProfile } from '../../../flows/account/read-profile';
import { submitSignIn } from '../../../flows/sign-in/submit-sign-in';
import { publicProcedure } from '../../guards';
import { handOver, replacedSession, requireCarrier } from '../../session-carrier';
import { sessionView } from '../../views/session';
import { profileView } from '../../views/user';
import { identifierInput, secretInput } from './inputs';

/** Signs a user in with username, email or phone, and password. */
export const signIn = publicProcedure
	.input(z.strictObject({ identifier: identifierInput, password: secretInput }))
	.output(z.object({ user: profileView, session: sessionView }))
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const signedIn = await submitSignIn(
			app,
			{ ...input, replaces: await replacedSession(ctx) },
			ctx.visitor(),
		);
		return { user: await readProfile(app, signedIn.user), session: handOver(ctx, app, signedIn) };
	});
