import { listSigningKeys, rotateSigningKeys } from '$lib/server/flows/keys/signing-keys';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, app }) => ({
	keys: await listSigningKeys(services, (await app()).id),
})) satisfies PageServerLoad;

export const actions = {
	rotate: operatorAction(async ({ services, app, form, actor, visitor }) => {
		const order = { immediately: form.text('immediately') === 'yes' };
		await rotateSigningKeys(services, { app: (await app()).id, order, actor }, visitor);
	}),
} satisfies Actions;
