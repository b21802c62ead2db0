/**
 * Removes what has expired: sessions, codes, counters, engine artifacts, old events. Only the size of the file
 * depends on it, never the expiry.
 */
import { day, type Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import type { AppStore } from '../storage/app/repositories';
import type { ControlStore } from '../storage/control/repositories';
import type { SharedRepositories } from '../storage/shared/repositories';
import type { Store } from '../storage/store';

interface Needs {
	control: ControlStore;
	store: (app: number) => Promise<AppStore>;
	/** Called for each app that still has something to deliver, e.g. after a restart. */
	wake: (app: number) => void;
	/** Called where the appliance itself has something to deliver. */
	wakeOwn: () => void;
	/** How long events stay in the audit logs, days. */
	auditDays: number;
	clock: Clock;
	log: Log;
}

const keepRecords = 30 * day;

/**
 * A sweep takes a limited number of rows, so that no request waits long behind it; it is repeated while more is
 * left.
 */
async function sweep<R>(store: Store<R>, round: (tx: R) => Promise<boolean>): Promise<void> {
	while (await store.write(round));
}

async function cleanMessages(store: Store<Pick<SharedRepositories, 'messages'>>, now: number): Promise<void> {
	await sweep(store, (tx) => tx.messages.eraseExpired(now));
	await sweep(store, (tx) => tx.messages.deleteExpired(now - keepRecords));
}

async function areMessagesDue(store: Pick<ControlStore | AppStore, 'read'>, now: number): Promise<boolean> {
	return (await store.read.messages.listDue(now + day, 1)).length > 0;
}

async function cleanApp(needs: Needs, id: number): Promise<void> {
	const store = await needs.store(id);
	const now = needs.clock.now();
	await sweep(store, (tx) => tx.sessions.deleteExpired(now));
	await sweep(store, (tx) => tx.artifacts.deleteExpired(now));
	await sweep(store, (tx) => tx.verifications.deleteExpired(now));
	await sweep(store, (tx) => tx.rateLimits.deleteExpired(now));
	await cleanMessages(store, now);
	await sweep(store, (tx) => tx.logoutDeliveries.deleteFinished(now - keepRecords));
	await sweep(store, (tx) => tx.audit.deleteBefore(now - needs.auditDays * day));
	const messages = await areMessagesDue(store, now);
	const notices = await store.read.logoutDeliveries.listDue(now + day, 1);
	if (messages || notices.length > 0) needs.wake(id);
}

/** One app after the other: a damaged one is reported and does not keep the others from being cleaned. */
export async function keepHouse(needs: Needs): Promise<void> {
	const now = needs.clock.now();
	await sweep(needs.control, (tx) => tx.sessions.deleteExpired(now));
	await sweep(needs.control, (tx) => tx.rateLimits.deleteExpired(now));
	await sweep(needs.control, (tx) => tx.verifications.deleteExpired(now));
	await cleanMessages(needs.control, now);
	if (await areMessagesDue(needs.control, now)) needs.wakeOwn();
	await sweep(needs.control, (tx) => tx.audit.deleteBefore(now - needs.auditDays * day));
	for (const { id } of await needs.control.read.apps.list())
		await cleanApp(needs, id).catch((error: unknown) =>
			needs.log.error({ err: error, app: id }, 'housekeeping failed'),
		);
}
