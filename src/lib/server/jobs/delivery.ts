/**
 * Delivers what apps queued, beside the requests: at once when woken, again later for what waits for a retry. Only
 * apps with something queued are opened. A server that is slow to answer delays its own messages, and none that are
 * queued after them.
 */
import type { Log } from '../runtime/log';

/** A run that takes longer goes on, and the next may start beside it. */
const patienceMs = 1000;

interface DeliveryOptions {
	/** Delivers what one app has due. @returns whether something is still queued */
	deliver: (app: number) => Promise<boolean>;
	log: Log;
}

export interface Delivery {
	/** Something was queued for this app. Returns at once. */
	wake(app: number): void;
	/** Runs the delivery for every app with something queued. */
	tick(): Promise<void>;
	/** Resolves when no delivery is under way. */
	idle(): Promise<void>;
}

async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const enough = new Promise<void>((over) => {
		timer = setTimeout(over, milliseconds);
	});
	await Promise.race([work, enough]);
	clearTimeout(timer);
}

export function createDelivery(options: DeliveryOptions): Delivery {
	const queued = new Set<number>();
	const running = new Map<number, Promise<void>>();
	/** Apps woken during their delivery: that run may have read the queue before the new message was there. */
	const again = new Set<number>();
	/** Deliveries under way, including those that are no longer waited for. */
	const underWay = new Set<Promise<void>>();

	const deliver = async (app: number): Promise<void> => {
		try {
			// Messages queued from now on may be missed by this run.
			again.delete(app);
			if (await options.deliver(app)) queued.add(app);
			else if (!again.has(app)) queued.delete(app);
		} catch (error) {
			options.log.error({ err: error, app }, 'delivery failed');
		}
	};
	const run = async (app: number): Promise<void> => {
		do {
			const delivering = deliver(app);
			underWay.add(delivering);
			void delivering.then(() => underWay.delete(delivering));
			await atMost(patienceMs, delivering);
		} while (again.has(app));
		running.delete(app);
	};
	const start = (app: number) => {
		if (running.has(app)) again.add(app);
		else running.set(app, run(app));
	};
	return {
		wake(app) {
			queued.add(app);
			start(app);
		},
		async tick() {
			for (const app of queued) if (!running.has(app)) start(app);
			await Promise.all(running.values());
		},
		async idle() {
			while (running.size + underWay.size > 0) await Promise.all([...running.values(), ...underWay]);
		},
	};
}
