import { proveUser, publicProcedure } from '../../guards';
import { profileView, type ProfileView } from '../../views/user';

/**
 * Who is signed in. First-party apps ask this with each of their own requests: here the guard is called
 * and the output parsed by hand, because tRPC's middleware for both costs as much as reading the database.
 */
export const getProfile = publicProcedure.query(async ({ ctx }): Promise<ProfileView> => {
	const { user } = await proveUser(ctx);
	return profileView.parse(user);
});
