import { z } from 'zod';
import { readProfile } from '../../../flows/account/read-profile';
import { completeRegistration as complete } from '../../../flows/register/register';
import { publicProcedure } from '../../guards';
import { handOver, replacedSession, requireCarrier } from '../../session-carrier';
import { idInput } from '../../views/page';
import { sessionView } from '../../views/session';
import { profileView } from '../../views/user';
import { codeInput } from './inputs';

/** Makes the account that waited for the mailed code, and signs it in. */
export const completeRegistration = publicProcedure
	.input(z.strictObject({ verification: idInput, code: codeInput }))
	.output(z.object({ user: profileView, session: sessionView }))
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const signedIn = await complete(app, { ...input, replaces: await replacedSession(ctx) }, ctx.visitor());
		return { user: await readProfile(app, signedIn.user), session: handOver(ctx, app, signedIn) };
	});
