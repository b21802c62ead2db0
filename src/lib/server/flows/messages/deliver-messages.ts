/** Delivers what is due. Retries what certainly failed; what may have arrived is never sent again. */
import { hour, minute, second } from '../../runtime/clock';
import type { DeliveryOutcome } from '../../plugins/host';
import type { Message } from '../../storage/shared/messages';
import type { AppServices } from '../services';
import { openMessage } from './queue-message';

type Needs = Pick<AppServices, 'store' | 'vault' | 'plugins' | 'clock' | 'log'>;

const batch = 100;
/** Under way at once: no more than senders take, so that a long queue is sent and not turned away. */
const lanes = 8;
const mostAttempts = 6;
/** Waits before the second, third, … try. */
const backoff = [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute];

/** Longer than any sender may take: what is not settled by then was interrupted by a crash. */
const longestDelivery = 5 * minute;

/** @returns whether anything is still queued, for now or for later */
export async function deliverMessages(services: Needs): Promise<boolean> {
	const now = services.clock.now();
	await services.store.write(async (tx) => {
		await tx.messages.markInterrupted(now);
		await tx.messages.eraseExpired(now);
	});
	const due = await services.store.read.messages.listDue(now, batch);
	const next = due.values();
	const lane = async () => {
		for (const message of next) await deliverOne(services, message);
	};
	await Promise.all(Array.from({ length: lanes }, lane));
	return (await services.store.read.messages.listDue(now + 24 * hour, 1)).length > 0;
}

async function deliverOne(services: Needs, message: Message): Promise<void> {
	const taken = await services.store.write((tx) =>
		tx.messages.take(message.id, services.clock.now() + longestDelivery),
	);
	const opened = taken ? openMessage(services, message) : undefined;
	if (!opened) return;
	const { content, to } = opened;
	const outcome = await services.plugins
		.sender(message.sender, content.locale)
		.deliver({
			id: message.id,
			channel: message.channel,
			purpose: message.purpose,
			to,
			...content,
			params: { ...content.params },
		})
		.catch((error: unknown): DeliveryOutcome => ({
			status: 'failed',
			retry: true,
			certain: true,
			detail: String(error),
		}));
	await services.store.write((tx) =>
		tx.messages.settle(message.id, settlementOf(outcome, message, services.clock.now())),
	);
	if (outcome.status === 'failed')
		services.log.warn(
			{ message: message.id, sender: message.sender, detail: outcome.detail },
			'message not delivered',
		);
}

function settlementOf(outcome: DeliveryOutcome, message: Message, now: number) {
	if (outcome.status !== 'failed')
		return { status: outcome.status, erase: outcome.status === 'delivered', now };
	const error = outcome.detail.slice(0, 500);
	if (!outcome.certain) return { status: 'uncertain', error, erase: true, now } as const;
	const again = outcome.retry && message.attempts + 1 < mostAttempts;
	if (!again) return { status: 'failed', error, erase: true, now } as const;
	return { status: 'queued', error, nextAt: now + (backoff[message.attempts] ?? 30 * minute), now } as const;
}
