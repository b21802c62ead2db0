/**
 * Notices that nothing more fits on the disk, and that writing works again. A refused write shows the first; for
 * the second a trial write is made again and again, as days may pass without a registration.
 */
import type { Alert } from '../../domain/alerts';
import { minute } from '../../runtime/clock';
import { isFull } from '../../storage/engine/failures';
import type { ApplianceServices } from '../services';
import type { Alerts } from './alerts';

type Needs = Pick<ApplianceServices, 'control' | 'clock' | 'log'> & { alerts: Alerts };

export interface DiskWatch {
	/** A write was refused for lack of room. */
	refused(): void;
	/** Costs nothing while there is room. */
	look(): Promise<void>;
}

export function createDiskWatch({ control, clock, log, alerts }: Needs): DiskWatch {
	/** Since when; undefined while there is room, as far as is known. */
	let fullSince: number | undefined;
	let looked = false;
	const news = (kind: 'disk-full' | 'disk-writable', since: number): Alert => ({ kind, since });

	/** The writes that make the data grow are refused first and so admitted again last. */
	async function hasRoom(): Promise<boolean> {
		const now = clock.now();
		const probe = control.write((tx) => tx.rateLimits.set('disk-probe', 1, now + minute), { grows: true });
		return probe.then(
			() => true,
			(error: unknown) => (isFull(error) ? false : Promise.reject(error)),
		);
	}

	return {
		refused() {
			if (fullSince !== undefined) return;
			fullSince = clock.now();
			log.error({}, 'the disk is full: writes are refused');
			alerts.tell(news('disk-full', fullSince));
		},
		async look() {
			// A trouble reported before a restart is reported as over after it.
			if (!looked && (await alerts.isTold(news('disk-full', clock.now())))) fullSince ??= clock.now();
			looked = true;
			if (fullSince === undefined) return;
			if (!(await hasRoom())) return alerts.tell(news('disk-full', fullSince));
			fullSince = undefined;
			log.warn({}, 'there is room on the disk again');
			alerts.tell(news('disk-writable', clock.now()));
		},
	};
}
