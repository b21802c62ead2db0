import { createClient } from '$lib/server/flows/clients/manage-clients';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { idFrom, isKind, kinds } from '../kinds';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services }) => ({
	origin: services.origin,
})) satisfies PageServerLoad;

export const actions = {
	default: operatorAction(async ({ app, form, actor, visitor }) => {
		const kind = form.text('kind');
		const name = form.text('name');
		const settings = {
			id: form.text('id').trim() || idFrom(name) || `client-${crypto.randomUUID().slice(0, 8)}`,
			name,
			...kinds[isKind(kind) ? kind : 'server'],
			firstParty: form.flag('firstParty'),
			redirectUris: form.list('redirectUris'),
		};
		const { client, secret } = await createClient(await app(), { settings, actor }, visitor);
		return { made: { id: client.id, name: client.name, secret } };
	}),
} satisfies Actions;
