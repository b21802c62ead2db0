/** The audit page of an app, or of the appliance itself, with the filters in its address. */
import { listEvents } from '$lib/server/flows/audit/list-events';
import { nameParties } from '$lib/server/flows/audit/name-parties';
import type { AppServices, ApplianceServices } from '$lib/server/flows/services';
import { keyIn, pageSize } from './query';

export async function readAuditPage(
	{ services, app }: { services: ApplianceServices; app?: AppServices },
	url: URL,
) {
	const action = (url.searchParams.get('action') ?? '').slice(0, 80);
	const target = (url.searchParams.get('search') ?? '').trim().slice(0, 200);
	const store = app?.store ?? services.control;
	const list = await listEvents(store, { before: keyIn(url), action, target, limit: pageSize });
	const names = await nameParties({ control: services.control, app }, list.events);
	return { ...list, action, target, names };
}
