import { listClients } from '$lib/server/flows/clients/manage-clients';
import { trialClientId } from '$lib/server/flows/clients/trial-client';
import { listUsers } from '$lib/server/flows/users/manage-users';
import { summariseApp } from '$lib/server/flows/apps/summarise-app';
import { listEvents } from '$lib/server/flows/audit/list-events';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, app: openApp }) => {
	const app = await openApp();
	const settings = await app.settings();
	const entry = { id: app.id, name: settings.name, isPublic: settings.public, createdAt: 0, updatedAt: 0 };
	const [summary, clients, { users }, { events }] = await Promise.all([
		summariseApp(services, entry),
		listClients(app),
		listUsers(app, { limit: 1 }),
		listEvents(app.store, { limit: 6 }),
	]);
	return {
		counts: summary.counts,
		origin: services.origin,
		website: settings.website,
		registration: settings.registration,
		events,
		done: {
			client: clients.some((client) => client.id !== trialClientId),
			user: users.length > 0,
			tried: clients.some((client) => client.id === trialClientId),
		},
	};
}) satisfies PageServerLoad;
