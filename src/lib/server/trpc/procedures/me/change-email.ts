import { z } from 'zod';
import { requestEmailChange } from '../../../flows/account/change-email';
import { sessionProcedure } from '../../guards';
import { secretInput } from '../auth/inputs';

/**
 * Mails a code to the email that is to take the place of the present one: `me.confirmNewEmail` takes it. The
 * password may be left out where the account has none. The same answer for an address that has an account.
 */
export const changeEmail = sessionProcedure
	.input(z.strictObject({ email: z.string().max(254), password: secretInput.optional() }))
	.output(z.object({ email: z.string() }))
	.mutation(async ({ ctx: { app, user, session, visitor }, input: { email, password = '' } }) => ({
		email: await requestEmailChange(app, { user, session, email, password }, visitor()),
	}));
