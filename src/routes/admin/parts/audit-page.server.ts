/** The audit page of a database, as the address asks for it. */
import { listEvents } from '$lib/server/flows/audit/list-events';
import { keyIn, pageSize } from './query';

export async function readAuditPage(store: Parameters<typeof listEvents>[0], url: URL) {
	const action = (url.searchParams.get('action') ?? '').slice(0, 80);
	const target = (url.searchParams.get('search') ?? '').trim().slice(0, 200);
	const list = await listEvents(store, { before: keyIn(url), action, target, limit: pageSize });
	return { ...list, action, target };
}
