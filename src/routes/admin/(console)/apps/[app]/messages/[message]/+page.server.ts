import { readMessage } from '$lib/server/flows/messages/read-messages';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app, params, actor, visitor }) => ({
	message: await readMessage(await app(), { id: params['message'] ?? '', actor }, visitor),
})) satisfies PageServerLoad;
