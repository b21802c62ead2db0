import { readProfile } from '../../../flows/account/read-profile';
import { userProcedure } from '../../guards';
import { profileView, type ProfileView } from '../../views/user';

/** Who is signed in. */
export const getProfile = userProcedure.query(
	// Parsed here instead of by `.output`: this is the call that relying parties make most.
	async ({ ctx }): Promise<ProfileView> => profileView.parse(await readProfile(ctx.app, ctx.user)),
);
