import type { Role } from '../../storage/app/roles';
import type { AppServices } from '../services';

export async function listRoles(services: Pick<AppServices, 'store'>): Promise<Role[]> {
	return services.store.read.roles.list();
}
