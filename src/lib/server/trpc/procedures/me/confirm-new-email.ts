import { z } from 'zod';
import { completeEmailChange } from '../../../flows/account/change-email';
import { readProfile } from '../../../flows/account/read-profile';
import { sessionProcedure } from '../../guards';
import { profileView } from '../../views/user';
import { codeInput } from '../auth/inputs';

/** Puts the new email in the place of the old one, with the code that was mailed to it. The old one is told. */
export const confirmNewEmail = sessionProcedure
	.input(z.strictObject({ email: z.string().max(254), code: codeInput }))
	.output(profileView)
	.mutation(async ({ ctx: { app, user, visitor }, input }) =>
		readProfile(app, await completeEmailChange(app, { user, ...input }, visitor())),
	);
