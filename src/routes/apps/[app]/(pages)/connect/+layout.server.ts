import { guarded } from '../../answer.server';
import { originClient } from '../origin-client.server';
import type { LayoutServerLoad } from './$types';

/** For the error page: an expired redirect to a vendor does not show any more where it began. */
export const load: LayoutServerLoad = (event) =>
	guarded(event, async () => ({ restart: await originClient(event) }));
