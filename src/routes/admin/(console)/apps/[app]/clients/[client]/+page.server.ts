import { redirect } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { drawClient, editClient } from '$lib/server/flows/clients/edit-client';
import { deleteClient, getClient, rotateClientSecret } from '$lib/server/flows/clients/manage-clients';
import { trialClientId } from '$lib/server/flows/clients/trial-client';
import { operatorAction, operatorLoad, type ConsoleCall } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

function idIn({ params }: Pick<ConsoleCall, 'params'>): string {
	if (!params['client']) throw new Refusal('client/not-found');
	return params['client'];
}

export const load = operatorLoad(async (call) => {
	const client = await getClient(await call.app(), idIn(call));
	const trial = client.id === trialClientId;
	return { client, drawn: drawClient(client), trial, origin: call.services.origin };
}) satisfies PageServerLoad;

export const actions = {
	save: operatorAction(async (call) => {
		const { form, actor, visitor } = call;
		const app = await call.app();
		const { confidential } = await getClient(app, idIn(call));
		const typed = {
			name: form.text('name'),
			website: form.text('website').trim(),
			firstParty: form.flag('firstParty'),
			// The switch is shown for confidential clients only, and warns of what is lost.
			pkceRequired: !confidential || !form.flag('pkceOff'),
			redirectUris: form.list('redirectUris'),
			postLogoutRedirectUris: form.list('postLogoutRedirectUris'),
			backchannelLogoutUri: form.text('backchannelLogoutUri').trim(),
			idTokenAlg: form.text('idTokenAlg') === 'ES256' ? ('ES256' as const) : ('RS256' as const),
		};
		await editClient(app, { id: idIn(call), drawn: form.drawn(), typed, actor }, visitor);
	}),
	rotate: operatorAction(async (call) => {
		const { secret } = await rotateClientSecret(
			await call.app(),
			{ id: idIn(call), actor: call.actor },
			call.visitor,
		);
		return { secret };
	}),
	delete: operatorAction(async (call) => {
		const app = await call.app();
		await deleteClient(app, { id: idIn(call), actor: call.actor }, call.visitor);
		redirect(303, `/admin/apps/${app.id}/clients`);
	}),
} satisfies Actions;
