/** Removes what is over: sessions, codes, counters, engine artifacts. Expiry never depends on it, only the size of the file. */
import { day, type Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import type { AppStore } from '../storage/app/repositories';
import type { ControlStore } from '../storage/control/repositories';

interface Needs {
	control: ControlStore;
	store: (app: number) => Promise<AppStore>;
	/** Called for each app that still has something to deliver, e.g. after a restart. */
	wake: (app: number) => void;
	clock: Clock;
	log: Log;
}

const keepDelivered = 30 * day;

async function cleanApp(needs: Needs, id: number): Promise<void> {
	const store = await needs.store(id);
	const now = needs.clock.now();
	await store.write(async (tx) => {
		await tx.sessions.deleteExpired(now);
		await tx.artifacts.deleteExpired(now);
		await tx.verifications.deleteExpired(now);
		await tx.rateLimits.deleteExpired(now);
		await tx.messages.eraseExpired(now);
		await tx.logoutDeliveries.deleteFinished(now - keepDelivered);
	});
	const messages = await store.read.messages.listDue(now + day, 1);
	const notices = await store.read.logoutDeliveries.listDue(now + day, 1);
	if (messages.length + notices.length > 0) needs.wake(id);
}

/** One app after the other: a damaged one is reported and does not keep the others from being cleaned. */
export async function keepHouse(needs: Needs): Promise<void> {
	const now = needs.clock.now();
	await needs.control.write(async (tx) => {
		await tx.sessions.deleteExpired(now);
		await tx.rateLimits.deleteExpired(now);
		await tx.verifications.deleteExpired(now);
	});
	for (const { id } of await needs.control.read.apps.list())
		await cleanApp(needs, id).catch((error: unknown) => needs.log.error({ err: error, app: id }, 'housekeeping failed'));
}
