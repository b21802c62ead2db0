import { listClients } from '$lib/server/flows/clients/manage-clients';
import { trialClientId } from '$lib/server/flows/clients/trial-client';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app, url }) => {
	const search = (url.searchParams.get('search') ?? '').trim().slice(0, 128);
	const clients = await listClients(await app());
	const word = search.toLowerCase();
	const fits = clients.filter(
		({ id, name }) => id.toLowerCase().includes(word) || name.toLowerCase().includes(word),
	);
	return {
		clients: fits.map((client) => ({ ...client, trial: client.id === trialClientId })),
		total: clients.length,
		search,
	};
}) satisfies PageServerLoad;
