import { guarded } from '../answer.server';
import { requireUser } from './owner.server';
import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = (event) =>
	guarded(event, async () => {
		const { user } = await requireUser(event);
		return { person: { name: user.name || user.username || user.email || user.phone || user.id } };
	});
