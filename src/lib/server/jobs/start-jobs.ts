/** All scheduled jobs, and their times. */
import type { ApplianceServices } from '../flows/services';
import { minute } from '../runtime/clock';
import type { Delivery } from './delivery';
import { keepHouse } from './housekeeping';
import { startSchedule, type Schedule } from './schedule';

/** Used in place of an app's id for the messages of the appliance itself. */
export const ofAppliance = 0;

interface Needs {
	services: ApplianceServices;
	delivery: Delivery;
	diskWatch: { look(): Promise<void> };
	config: { AUDIT_DAYS: number };
}

export function startJobs({ services, delivery, diskWatch, config }: Needs): Schedule {
	const house = {
		control: services.control,
		store: async (id: number) => (await services.app(id)).store,
		wake: (id: number) => delivery.wake(id),
		wakeOwn: () => delivery.wake(ofAppliance),
		auditDays: config.AUDIT_DAYS,
		clock: services.clock,
		log: services.log,
	};
	let early: Promise<void> | undefined;
	// What a crash left queued is found soon after the start, without slowing it.
	const soon = setTimeout(() => {
		early = keepHouse(house).catch((error: unknown) =>
			services.log.error({ err: error, job: 'housekeeping' }, 'a job failed'),
		);
	}, 5000);
	soon.unref();
	const schedule = startSchedule(
		[
			{ name: 'delivery', pattern: '*/5 * * * * *', lease: 0, run: () => delivery.tick() },
			{ name: 'disk', pattern: '*/10 * * * * *', lease: 0, run: () => diskWatch.look() },
			{ name: 'housekeeping', pattern: '0 17 * * * *', lease: 30 * minute, run: () => keepHouse(house) },
		],
		services,
	);
	return {
		stop: async () => {
			clearTimeout(soon);
			await Promise.all([early, schedule.stop()]);
		},
	};
}
