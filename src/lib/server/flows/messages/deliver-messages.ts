/** Delivers what is due. Retries what certainly failed; what may have arrived is never sent again. */
import { hour, minute, second } from '../../runtime/clock';
import type { DeliveryOutcome } from '../../plugins/host';
import { Refusal } from '../../../contract/errors';
import type { Message } from '../../storage/shared/messages';
import type { SharedRepositories } from '../../storage/shared/repositories';
import type { AppServices } from '../services';
import { openMessage } from './queue-message';

type Queue = Pick<SharedRepositories, 'messages'>;

/** Of an app, or of the appliance itself. */
interface Needs extends Pick<AppServices, 'vault' | 'plugins' | 'clock' | 'log' | 'alert'> {
	store: { readonly read: Queue; write<T>(work: (tx: Queue) => Promise<T>): Promise<T> };
}

const batch = 100;
/** How many are sent at once: no more than senders accept, so that none of a long queue is refused. */
const lanes = 8;
/** Waits before the second, third, … try; then the longest again, for as long as the message lives. */
const backoff = [5 * second, 30 * second, 2 * minute, 10 * minute];
const afterwards = 30 * minute;
/** The longest wait that a provider may ask for. */
const longestWait = hour;

/** Longer than any sender may take: a message without a result by then was interrupted by a crash. */
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
		.catch(notCalled);
	const now = services.clock.now();
	const settlement = settlementOf(outcome, message, now);
	await services.store.write((tx) => tx.messages.settle(message.id, settlement));
	if (outcome.status !== 'failed') return;
	services.log.warn(
		{ message: message.id, sender: message.sender, detail: outcome.detail },
		'message not delivered',
	);
	// One bad recipient needs no alert; settings that the provider rejects lose every message.
	if (settlement.status !== 'queued' && outcome.reason === 'config')
		services.alert({ kind: 'messages-undelivered', plugin: message.sender, since: now });
}

/** Switched off, forbidden or set up wrongly meanwhile: an operator may put it right before the next try. */
function notCalled(error: unknown): DeliveryOutcome {
	const isSettings = error instanceof Refusal && error.code.startsWith('plugin/');
	return {
		status: 'failed',
		retry: true,
		certain: true,
		reason: isSettings ? 'config' : 'unavailable',
		detail: String(error),
	};
}

function settlementOf(outcome: DeliveryOutcome, message: Message, now: number) {
	if (outcome.status !== 'failed')
		return { status: outcome.status, erase: outcome.status === 'delivered', now };
	const error = outcome.detail.slice(0, 500);
	if (!outcome.certain) return { status: 'uncertain', error, erase: true, now } as const;
	const asked = Math.min((outcome.retryAfter ?? 0) * second, longestWait);
	const nextAt = now + Math.max(backoff[message.attempts] ?? afterwards, asked);
	if (!outcome.retry || nextAt >= message.expiresAt)
		return { status: 'failed', error, erase: true, now } as const;
	return { status: 'queued', error, nextAt, now } as const;
}
