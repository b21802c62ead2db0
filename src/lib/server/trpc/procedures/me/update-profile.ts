import { profileSchema, updateProfile as change } from '../../../flows/account/update-profile';
import { readProfile } from '../../../flows/account/read-profile';
import { userProcedure } from '../../guards';
import { profileView } from '../../views/user';

/** Changes the user's own name or language. */
export const updateProfile = userProcedure
	.input(profileSchema)
	.output(profileView)
	.mutation(async ({ ctx: { app, user, visitor }, input }) =>
		readProfile(app, await change(app, { userId: user.id, change: input }, visitor())),
	);
