/** Deletes a role; all users who held it lose its permissions. The role that new users get cannot be deleted. */
import { Refusal } from '../../../contract/errors';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';

/** @returns how many users held it. @throws Refusal role/not-found, role/is-default */
export async function deleteRole(
	services: Pick<AppServices, 'settings' | 'store' | 'clock'>,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<number> {
	if ((await services.settings()).defaultRole === id) throw new Refusal('role/is-default');
	return services.store.write(async (tx) => {
		const holders = await tx.roles.delete(id);
		if (holders === undefined) throw new Refusal('role/not-found');
		await recordEvent(
			tx,
			{ action: 'role.delete', actor, target: `role:${id}`, detail: { holders } },
			{ clock: services.clock, visitor },
		);
		return holders;
	});
}
