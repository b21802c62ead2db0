/** Sends the queued logout notices of an app. Any process may run it: a notice is claimed before it is sent. */
import { hour, minute, second } from '../../runtime/clock';
import type { LogoutDelivery } from '../../storage/app/logout-deliveries';
import { RequestWrites, runWithWrites } from '../adapter/request-writes';
import type { Engine } from '../engine';

/** After each failed attempt the next one waits longer; after the last the notice is given up. */
const waits = [
	10 * second,
	30 * second,
	2 * minute,
	10 * minute,
	30 * minute,
	hour,
	2 * hour,
	4 * hour,
	8 * hour,
];
const mostAttempts = waits.length + 1;
const atOnce = 8;

const waitAfter = (attempts: number) => waits[Math.min(attempts, waits.length) - 1] ?? 0;

/** Why it failed, for the operator: a status or a network code, never a body. */
const reasonOf = (error: unknown): string => {
	const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
	return String(cause instanceof Error ? cause.message : cause).slice(0, 300);
};

async function send(engine: Engine, delivery: LogoutDelivery): Promise<string | undefined> {
	const writes = new RequestWrites(engine.app.store);
	return runWithWrites(writes, async () => {
		const client = await engine.provider.Client.find(delivery.clientId);
		if (!client?.backchannelLogoutUri) return undefined;
		await engine.sendNotice(client, delivery);
		return undefined;
	}).catch(reasonOf);
}

async function attempt(engine: Engine, delivery: LogoutDelivery): Promise<void> {
	const { store, clock, log } = engine.app;
	const attempts = delivery.attempts + 1;
	const nextAt = clock.now() + waitAfter(attempts);
	if (!(await store.write((tx) => tx.logoutDeliveries.take(delivery, nextAt)))) return;
	const error = await send(engine, delivery);
	const now = clock.now();
	const failed =
		attempts >= mostAttempts
			? { status: 'failed' as const }
			: { status: 'queued' as const, nextAt: now + waitAfter(attempts) };
	const outcome = error === undefined ? { status: 'delivered' as const, now } : { ...failed, error, now };
	if (error !== undefined)
		log.warn({ client: delivery.clientId, attempts, reason: error }, 'a logout notice was not delivered');
	await store.write((tx) => tx.logoutDeliveries.settle(delivery.id, outcome));
}

/** @returns how many were due; call again while there are more */
export async function deliverDue(engine: Engine): Promise<number> {
	const { store, clock } = engine.app;
	const due = await store.read.logoutDeliveries.listDue(clock.now(), 200);
	for (let from = 0; from < due.length; from += atOnce)
		await Promise.all(due.slice(from, from + atOnce).map((delivery) => attempt(engine, delivery)));
	return due.length;
}
