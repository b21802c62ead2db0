/** The console's list of messages. Only an owner reads the contents, and only while the outbox holds them. */
import { Refusal } from '../../../contract/errors';
import type { Message, MessagePage } from '../../storage/shared/messages';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';
import { openMessage, type LetterContent } from './queue-message';

type Needs = Pick<AppServices, 'store' | 'vault' | 'clock'>;

/** A message as listed: neither recipient nor content. */
export type MessageView = Omit<Message, 'recipient' | 'content'> & { readable: boolean };

const view = ({ recipient: _, content, ...message }: Message): MessageView => ({
	...message,
	readable: message.status === 'held' && content !== '',
});

export async function listMessages(services: Needs, page: MessagePage): Promise<MessageView[]> {
	await services.store.write((tx) => tx.messages.eraseExpired(services.clock.now()));
	return (await services.store.read.messages.list(page)).map(view);
}

export type OpenedMessage = MessageView & { to: string; content: LetterContent };

/** @throws Refusal message/not-found (unknown, erased, or not held here), auth/forbidden */
export async function readMessage(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<OpenedMessage> {
	const owner = actor.kind === 'system' || (actor.kind === 'operator' && actor.role === 'owner');
	if (!owner) throw new Refusal('auth/forbidden');
	const message = await services.store.read.messages.find(id);
	const opened =
		message?.status === 'held' && message.expiresAt > services.clock.now()
			? openMessage(services, message)
			: undefined;
	if (!message || !opened) throw new Refusal('message/not-found');
	await services.store.write((tx) =>
		recordEvent(
			tx,
			{ action: 'message.read', actor, target: `message:${id}` },
			{ clock: services.clock, visitor },
		),
	);
	return { ...view(message), ...opened };
}
