import { z } from 'zod';
import { readProfile } from '../../../flows/account/read-profile';
import { removeAddress, type AddressKind } from '../../../flows/account/remove-address';
import { sessionProcedure } from '../../guards';
import { profileView } from '../../views/user';
import { secretInput } from '../auth/inputs';

/** The password may be left out where the account has none: then the sign-in must be of the last minutes. */
const remove = (kind: AddressKind) =>
	sessionProcedure
		.input(z.strictObject({ password: secretInput.optional() }))
		.output(profileView)
		.mutation(async ({ ctx: { app, user, session, visitor }, input: { password = '' } }) => {
			const owner = { user, session, password };
			return readProfile(app, await removeAddress(app, { owner, kind }, visitor()));
		});

/** Takes the email off the account, unless nothing else signs in to it or the app wants one proven. */
export const removeEmail = remove('email');

/** The same for the phone number. */
export const removePhone = remove('phone');
