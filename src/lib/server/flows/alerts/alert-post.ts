/**
 * How one alert leaves: remembered and queued in one transaction, among the appliance's own messages; or, where the
 * queue itself is in trouble, sent at once.
 */
import { mayTell, troubleOf, type Alert } from '../../domain/alerts';
import { day } from '../../runtime/clock';
import { newId } from '../../runtime/random';
import { isFull } from '../../storage/engine/failures';
import type { Letter } from '../messages/letter';
import { queueAsWritten } from '../messages/queue-message';
import type { ApplianceServices } from '../services';
import { claim, readMarks, release } from './alert-marks';

export type PostNeeds = Pick<ApplianceServices, 'control' | 'vault' | 'plugins' | 'clock' | 'log'> & {
	/** Called after a mail was queued among the appliance's own. */
	wakeDelivery: () => void;
};

interface Order {
	letter: Letter;
	sender: string;
}

export interface AlertPost {
	/** Whether a mail about it is due. */
	isDue(alert: Alert): Promise<boolean>;
	/** Whether such a trouble was reported and has not ended since. */
	isTold(alert: Alert): Promise<boolean>;
	/** @throws Refusal storage/* */
	queue(alert: Alert, order: Order): Promise<void>;
	/** For when the disk is full, and the queue with it. */
	sendNow(alert: Alert, order: Order): Promise<void>;
}

/** Longer than a mail server is usually down; afterwards the alert would be out of date. */
const life = day;

/** For the log. */
export const factsOf = ({ kind, app, plugin, user }: Alert) => ({ alert: kind, app, plugin, user });

export function createAlertPost(services: PostNeeds): AlertPost {
	const { control, clock, log } = services;
	/** What was reported while nothing could be written, and when. */
	const unwritten = new Map<string, number>();

	async function marksOf(alert: Alert) {
		const marks = await readMarks(control.read, alert, clock.now());
		return { ...marks, toldAt: marks.toldAt ?? unwritten.get(troubleOf(alert)) };
	}

	async function queue(alert: Alert, order: Order): Promise<void> {
		const trouble = troubleOf(alert);
		const queued = await control.write(async (tx) => {
			const first = await claim(tx, alert, clock.now());
			if (!first && !unwritten.has(trouble)) return false;
			await queueAsWritten(services, tx, { ...order, life });
			return true;
		});
		unwritten.delete(trouble);
		if (!queued) return;
		log.warn(factsOf(alert), 'operators are told by mail');
		services.wakeDelivery();
	}

	/** The queue is on the disk that is full: this one is sent out of memory. */
	async function sendNow(alert: Alert, { letter, sender }: Order): Promise<void> {
		const claimed = await control
			.write((tx) => claim(tx, alert, clock.now()))
			.catch((error: unknown) => {
				if (!isFull(error)) throw error;
				unwritten.set(troubleOf(alert), clock.now());
				return true;
			});
		if (!claimed) return;
		const outcome = await services.plugins.appliance
			.sender(sender, letter.locale)
			.deliver({ id: newId(), ...letter, params: {} });
		if (outcome.status !== 'failed') return log.warn(factsOf(alert), 'operators were told by mail');
		log.error({ ...factsOf(alert), detail: outcome.detail }, 'operators could not be told');
		if (!outcome.certain) return;
		// The disk may have room for this line, if not for an account; if not, the mail is sent when the trouble is
		// next noticed.
		await control
			.write((tx) => queueAsWritten(services, tx, { letter, sender, life }))
			.then(services.wakeDelivery, (error: unknown) => forget(alert, error));
	}

	async function forget(alert: Alert, error: unknown): Promise<void> {
		if (!isFull(error)) throw error;
		// Where the claim was not written there is nothing to take back.
		if (unwritten.delete(troubleOf(alert))) return;
		await control.write((tx) => release(tx, alert, clock.now()));
	}

	return {
		isDue: async (alert) => mayTell(alert.kind, await marksOf(alert), clock.now()),
		isTold: async (alert) => (await marksOf(alert)).toldAt !== undefined,
		queue,
		sendNow,
	};
}
