/**
 * Delivers what apps queued, beside the requests: at once when woken, again later for what waits for a
 * retry. Only apps with something queued are looked at, so idle apps stay closed.
 */
import type { Log } from '../runtime/log';

interface DeliveryOptions {
	/** Delivers what is due for one app. @returns whether something is still queued */
	deliver: (app: number) => Promise<boolean>;
	log: Log;
}

export interface Delivery {
	/** Something was queued for this app. Returns at once. */
	wake(app: number): void;
	/** Looks at every app with something queued. */
	tick(): Promise<void>;
	/** Resolves when no delivery is under way. */
	idle(): Promise<void>;
}

export function createDelivery(options: DeliveryOptions): Delivery {
	const queued = new Set<number>();
	const running = new Map<number, Promise<void>>();
	/** Woken while its delivery ran: that run may have looked before the new message was there. */
	const again = new Set<number>();

	const run = async (app: number): Promise<void> => {
		try {
			do {
				again.delete(app);
				if (!(await options.deliver(app))) queued.delete(app);
			} while (again.has(app));
		} catch (error) {
			options.log.error({ err: error, app }, 'delivery failed');
		} finally {
			running.delete(app);
		}
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
			while (running.size > 0) await Promise.all(running.values());
		},
	};
}
