/**
 * Messages wait in the database and are delivered beside the request: a page never waits for a mail server,
 * and a restart loses nothing. Recipient and content are sealed; they are erased on delivery or expiry.
 */
import { minute } from '../../runtime/clock';
import { newId } from '../../runtime/random';
import type { SharedRepositories } from '../../storage/shared/repositories';
import type { Message } from '../../storage/shared/messages';
import type { AppServices } from '../services';
import type { Letter } from './letter';
import { inOwnWords } from './own-words';

/** What is sealed in `content`. */
export type LetterContent = Omit<Letter, 'channel' | 'purpose' | 'to'>;

const contextOf = (id: string) => `message:${id}`;

interface Order {
	letter: Letter;
	sender: string;
	/** Time after which the message is erased, in ms. */
	life?: number;
}

export async function queueMessage(
	services: Pick<AppServices, 'settings' | 'vault' | 'clock'>,
	tx: Pick<SharedRepositories, 'messages' | 'settings'>,
	order: Order,
): Promise<string> {
	const letter = inOwnWords(await services.settings(tx), order.letter);
	return queueAsWritten(services, tx, { ...order, letter });
}

/** Queues a message as it is, without the app's own words. */
export async function queueAsWritten(
	services: Pick<AppServices, 'vault' | 'clock'>,
	tx: Pick<SharedRepositories, 'messages'>,
	{ letter, sender, life = 60 * minute }: Order,
): Promise<string> {
	const id = newId();
	const now = services.clock.now();
	const { channel, purpose, to, ...content } = letter;
	await tx.messages.create({
		id,
		channel,
		purpose,
		sender,
		recipient: services.vault.seal(to, contextOf(id)),
		content: services.vault.seal(JSON.stringify(content satisfies LetterContent), contextOf(id)),
		status: 'queued',
		attempts: 0,
		nextAt: now,
		error: null,
		createdAt: now,
		expiresAt: now + life,
		finishedAt: null,
	});
	return id;
}

/** @returns undefined where the content was erased */
export function openMessage(
	services: Pick<AppServices, 'vault'>,
	message: Message,
): { to: string; content: LetterContent } | undefined {
	if (!message.content) return undefined;
	return {
		to: services.vault.open(message.recipient, contextOf(message.id)),
		content: JSON.parse(services.vault.open(message.content, contextOf(message.id))) as LetterContent,
	};
}
