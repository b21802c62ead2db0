import { z } from 'zod';
import { addPasskey as add, removeOwnPasskey } from '../../../flows/account/change-ways-in';
import { proveFresh } from '../../../flows/account/prove-fresh';
import { beginCeremony, listPasskeys as list } from '../../../flows/passkeys/ceremony';
import { sessionProcedure, userProcedure } from '../../guards';
import { passkeyIdInput, passkeyView } from '../../views/ways-in';
import { begunCeremonyView, ceremonyAnswerInput, secretInput } from '../auth/inputs';

/** Left out where the account has no password: then the sign-in must be of the last minutes. */
const password = secretInput.optional();

/** Keys on this user's devices. */
export const listPasskeys = userProcedure
	.output(z.array(passkeyView))
	.query(({ ctx: { app, user } }) => list(app, user.id));

/** What to hand to `navigator.credentials.create` (WebAuthn Level 3 §5.1.3). */
export const newPasskeyOptions = sessionProcedure
	.input(z.strictObject({ password }))
	.output(begunCeremonyView)
	.mutation(async ({ ctx: { app, user, session, visitor }, input }) => {
		await proveFresh(app, { session, password: input.password ?? '' }, visitor());
		return beginCeremony(app, { user }, visitor());
	});

/** Keeps the key that the browser made. */
export const addPasskey = sessionProcedure
	.input(ceremonyAnswerInput.extend({ name: z.string().max(80).default('') }))
	.output(z.void())
	.mutation(({ ctx: { app, user, session, visitor }, input }) =>
		add(app, { user, session, ...input }, visitor()),
	);

export const removePasskey = sessionProcedure
	.input(z.strictObject({ id: passkeyIdInput, password }))
	.output(z.void())
	.mutation(({ ctx: { app, user, session, visitor }, input: { id, password: typed = '' } }) =>
		removeOwnPasskey(app, { owner: { user, session, password: typed }, id }, visitor()),
	);
