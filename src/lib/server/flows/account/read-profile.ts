import type { User } from '../../storage/app/users';
import type { AppServices } from '../services';

/** A user with what they may do: the primary role first. */
export type Profile = User & { roles: string[] };

export async function readProfile(services: Pick<AppServices, 'store'>, user: User): Promise<Profile> {
	return { ...user, roles: await services.store.read.roles.listOfUser(user.id) };
}
