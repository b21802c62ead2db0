import { beginCeremony, signInByPasskey } from '../../../flows/passkeys/ceremony';
import { publicProcedure } from '../../guards';
import { replacedSession, requireCarrier } from '../../session-carrier';
import { signedInAs, signedInView } from '../../views/joined';
import { ceremonyAnswerInput, begunCeremonyView } from './inputs';

/** What to hand to `navigator.credentials.get` (WebAuthn Level 3 §5.1.4). */
export const passkeyOptions = publicProcedure
	.output(begunCeremonyView)
	.mutation(async ({ ctx }) => beginCeremony(await ctx.findApp(), {}, ctx.visitor()));

/** Signs in with what the browser gave back. No name is needed: the key identifies its user. */
export const signInWithPasskey = publicProcedure
	.input(ceremonyAnswerInput)
	.output(signedInView)
	.mutation(async ({ ctx, input }) => {
		requireCarrier(ctx);
		const app = await ctx.findApp();
		const replaces = await replacedSession(ctx);
		return signedInAs(ctx, app, await signInByPasskey(app, { ...input, replaces }, ctx.visitor()));
	});
