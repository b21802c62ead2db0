import { guarded } from '../../../answer.server';
import { originClient } from '../../origin-client.server';
import type { LayoutServerLoad } from './$types';

/** For the error page: an expired interaction does not show any more which client began it. */
export const load: LayoutServerLoad = (event) =>
	guarded(event, async () => ({ restart: await originClient(event) }));
