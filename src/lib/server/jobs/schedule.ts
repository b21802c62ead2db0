/**
 * Runs jobs on time. A lease lets one process of several run each, and a run never starts before the previous one
 * has ended.
 */
import { Cron } from 'croner';
import type { Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import { newId } from '../runtime/random';
import type { ControlStore } from '../storage/control/repositories';

export interface Job {
	name: string;
	/** Cron pattern, seconds first. */
	pattern: string;
	/** How long a run holds the lease: other processes take over after it. 0: every process runs the job. */
	lease: number;
	run: () => Promise<void>;
}

export interface Schedule {
	/** Stops the schedule and waits for runs under way. */
	stop(): Promise<void>;
}

export function startSchedule(
	jobs: readonly Job[],
	services: { control: ControlStore; clock: Clock; log: Log },
): Schedule {
	const holder = newId();
	const running = new Set<Promise<void>>();
	const runOnce = async (job: Job): Promise<void> => {
		try {
			const now = services.clock.now();
			const mine =
				job.lease === 0 ||
				(await services.control.write((tx) =>
					tx.leases.take(job.name, holder, { now, expiresAt: now + job.lease }),
				));
			if (mine) await job.run();
		} catch (error) {
			services.log.error({ err: error, job: job.name }, 'job failed');
		}
	};
	const crons = jobs.map(
		(job) =>
			new Cron(job.pattern, { protect: true, unref: true, name: `${holder}:${job.name}` }, async () => {
				const run = runOnce(job);
				running.add(run);
				await run.finally(() => running.delete(run));
			}),
	);
	return {
		async stop() {
			for (const cron of crons) cron.stop();
			await Promise.all(running);
		},
	};
}
