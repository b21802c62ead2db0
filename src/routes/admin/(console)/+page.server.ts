import { listApps } from '$lib/server/flows/apps/manage-apps';
import { summariseApp } from '$lib/server/flows/apps/summarise-app';
import { alertAddress } from '$lib/server/flows/alerts/alert-route';
import { readApplianceMail } from '$lib/server/flows/messages/appliance-sender';
import { trialSender } from '$lib/server/flows/messages/choose-sender';
import { operatorLoad } from '$lib/server/edge/console-door';
import type { PageServerLoad } from './$types';

/** Each app shown is opened once to count its users. */
const shown = 50;
const loopback = ['localhost', '127.0.0.1', '[::1]'];

const addressWarning = (origin: string) => {
	const { protocol, hostname } = new URL(origin);
	if (protocol === 'https:') return undefined;
	return loopback.includes(hostname) ? ('local' as const) : ('insecure' as const);
};

export const load = operatorLoad(async ({ services, url }) => {
	const search = (url.searchParams.get('search') ?? '').trim().slice(0, 80);
	const after = Number(url.searchParams.get('after')) || 0;
	const all = await listApps(services);
	const fits = (app: { id: number; name: string }) =>
		app.name.toLowerCase().includes(search.toLowerCase()) || String(app.id) === search;
	const rows = all.filter((app) => app.id > after && (!search || fits(app)));
	const mail = await readApplianceMail(services);
	return {
		search,
		total: all.length,
		summaries: await Promise.all(rows.slice(0, shown).map((entry) => summariseApp(services, entry))),
		next: rows.length > shown ? rows[shown - 1]?.id : undefined,
		origin: services.origin,
		warnings: {
			address: addressWarning(services.origin),
			sender: !mail.email || mail.email === trialSender,
			alerts: !(await alertAddress(services)),
		},
	};
}) satisfies PageServerLoad;
