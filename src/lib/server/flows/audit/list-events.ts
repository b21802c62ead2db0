import type { AuditEntry, AuditPage } from '../../storage/shared/audit';
import type { SharedRepositories } from '../../storage/shared/repositories';

export interface AuditList {
	events: (AuditEntry & { seq: number })[];
	/** Give it as `before` for the next page; absent on the last. */
	next?: number;
}

export async function listEvents(
	store: { read: Pick<SharedRepositories, 'audit'> },
	page: AuditPage,
): Promise<AuditList> {
	const found = await store.read.audit.list({ ...page, limit: page.limit + 1 });
	const events = found.slice(0, page.limit);
	const last = events.at(-1);
	return found.length > page.limit && last ? { events, next: last.seq } : { events };
}
