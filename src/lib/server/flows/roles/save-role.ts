/** Roles of an app: made and changed by name. */
import type { Role } from '../../storage/app/roles';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';

/** Makes the role, or changes its name and permissions. */
export async function saveRole(
	services: Pick<AppServices, 'store' | 'clock'>,
	{ role, actor }: { role: Role; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		await tx.roles.save(role, services.clock.now());
		await recordEvent(
			tx,
			{ action: 'role.save', actor, target: `role:${role.id}`, detail: { permissions: role.permissions } },
			{ clock: services.clock, visitor },
		);
	});
}
