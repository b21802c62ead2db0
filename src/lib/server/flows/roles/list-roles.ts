import type { Role } from '../../storage/app/roles';
import type { AppServices } from '../services';

export async function listRoles(services: Pick<AppServices, 'store'>): Promise<Role[]> {
	return services.store.read.roles.list();
}

/** For the console: each role with the number of users who hold it. */
export async function listRolesWithHolders(
	services: Pick<AppServices, 'store'>,
): Promise<(Role & { holders: number })[]> {
	const { roles } = services.store.read;
	const [all, holders] = await Promise.all([roles.list(), roles.countHolders()]);
	return all.map((role) => ({ ...role, holders: holders.get(role.id) ?? 0 }));
}
