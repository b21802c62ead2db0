/** The delivery queue and the outbox: one table, the status tells them apart. Contents are sealed by the caller. */
import type { Kysely } from 'kysely';
import type { AppSchema } from '../app/schema';
import { sweepSize } from '../engine/database';
import type { SharedSchema } from './schema';

export type MessageStatus = AppSchema['message']['status'];

export interface Message {
	id: string;
	channel: 'email' | 'sms';
	/** The sender plugin's id. */
	sender: string;
	purpose: string;
	recipient: string;
	content: string;
	status: MessageStatus;
	attempts: number;
	nextAt: number | null;
	error: string | null;
	createdAt: number;
	expiresAt: number;
	finishedAt: number | null;
}

export interface MessagePage {
	/** Only messages that are older than this. */
	before?: number | undefined;
	limit: number;
	/** Only those that failed, at least once. */
	troubled?: boolean | undefined;
}

export function messageRepository(db: Kysely<SharedSchema>) {
	const select = () =>
		db
			.selectFrom('message')
			.select([
				'id',
				'channel',
				'sender',
				'purpose',
				'recipient',
				'content',
				'status',
				'attempts',
				'error',
				'next_at as nextAt',
				'created_at as createdAt',
				'expires_at as expiresAt',
				'finished_at as finishedAt',
			]);
	return {
		async create(message: Message): Promise<void> {
			const { nextAt, createdAt, expiresAt, finishedAt, ...rest } = message;
			await db
				.insertInto('message')
				.values({
					...rest,
					next_at: nextAt,
					created_at: createdAt,
					expires_at: expiresAt,
					finished_at: finishedAt,
				})
				.execute();
		},
		async find(id: string): Promise<Message | undefined> {
			return select().where('id', '=', id).executeTakeFirst();
		},
		/** The newest first. Messages of one millisecond come together, so that `before` skips none. */
		async list(page: MessagePage): Promise<Message[]> {
			const wanted = () =>
				page.troubled
					? select().where((eb) =>
							eb.or([eb('status', 'in', ['failed', 'uncertain']), eb('error', 'is not', null)]),
						)
					: select();
			let query = wanted().orderBy('created_at', 'desc').orderBy('id').limit(page.limit);
			if (page.before !== undefined) query = query.where('created_at', '<', page.before);
			const rows = await query.execute();
			const last = rows.at(-1);
			if (!last || rows.length < page.limit) return rows;
			const alike = wanted().where('created_at', '=', last.createdAt).where('id', '>', last.id).orderBy('id');
			return [...rows, ...(await alike.execute())];
		},
		async listDue(now: number, limit: number): Promise<Message[]> {
			return select()
				.where('status', '=', 'queued')
				.where('next_at', '<=', now)
				.orderBy('next_at')
				.limit(limit)
				.execute();
		},
		/** Claims a queued message: only one worker gets it. After `until` it counts as interrupted. */
		async take(id: string, until: number): Promise<boolean> {
			const result = await db
				.updateTable('message')
				.set((eb) => ({ status: 'sending', attempts: eb('attempts', '+', 1), next_at: until }))
				.where('id', '=', id)
				.where('status', '=', 'queued')
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		async settle(
			id: string,
			change: {
				status: MessageStatus;
				nextAt?: number | null;
				error?: string | null;
				erase?: boolean;
				now: number;
			},
		): Promise<void> {
			const finished = change.status !== 'queued';
			await db
				.updateTable('message')
				.set({
					status: change.status,
					next_at: change.nextAt ?? null,
					error: change.error ?? null,
					finished_at: finished ? change.now : null,
					...(change.erase ? { recipient: '', content: '' } : {}),
				})
				.where('id', '=', id)
				.execute();
		},
		/** After a crash: messages that were being sent may have arrived, so they are not sent again. */
		async markInterrupted(now: number): Promise<void> {
			await db
				.updateTable('message')
				.set({ status: 'uncertain', finished_at: now, recipient: '', content: '' })
				.where('status', '=', 'sending')
				.where('next_at', '<=', now)
				.execute();
		},
		/** Of at most `sweepSize` of them. @returns whether more may be left */
		async eraseExpired(now: number): Promise<boolean> {
			const expired = db
				.selectFrom('message')
				.select('id')
				.where('expires_at', '<=', now)
				.where('content', '!=', '')
				.limit(sweepSize);
			const result = await db
				.updateTable('message')
				.set({ status: 'expired', recipient: '', content: '', finished_at: now })
				.where('id', 'in', expired)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === sweepSize;
		},
		/** The record of messages that expired before a time; at most `sweepSize`. @returns whether more may be left */
		async deleteExpired(before: number): Promise<boolean> {
			const old = db.selectFrom('message').select('id').where('expires_at', '<', before).limit(sweepSize);
			const result = await db.deleteFrom('message').where('id', 'in', old).executeTakeFirst();
			return Number(result.numDeletedRows) === sweepSize;
		},
	};
}
