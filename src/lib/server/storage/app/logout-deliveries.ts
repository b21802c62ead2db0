/** Back-channel logout notices on their way to clients (OIDC Back-Channel Logout 1.0). */
import type { Kysely } from 'kysely';
import { sweepSize } from '../engine/database';
import type { AppSchema } from './schema';

export interface LogoutDelivery {
	id: string;
	clientId: string;
	accountId: string;
	sid: string;
	status: 'queued' | 'delivered' | 'failed';
	attempts: number;
	nextAt: number | null;
	error: string | null;
	createdAt: number;
	finishedAt: number | null;
}

export function logoutDeliveryRepository(db: Kysely<AppSchema>) {
	const select = () =>
		db
			.selectFrom('logout_delivery')
			.select([
				'id',
				'client_id as clientId',
				'account_id as accountId',
				'sid',
				'status',
				'attempts',
				'error',
				'next_at as nextAt',
				'created_at as createdAt',
				'finished_at as finishedAt',
			]);
	return {
		async create(
			delivery: Pick<LogoutDelivery, 'id' | 'clientId' | 'accountId' | 'sid' | 'createdAt'>,
		): Promise<void> {
			await db
				.insertInto('logout_delivery')
				.values({
					id: delivery.id,
					client_id: delivery.clientId,
					account_id: delivery.accountId,
					sid: delivery.sid,
					status: 'queued',
					attempts: 0,
					next_at: delivery.createdAt,
					error: null,
					created_at: delivery.createdAt,
					finished_at: null,
				})
				.execute();
		},
		async list(limit: number): Promise<LogoutDelivery[]> {
			return select().orderBy('created_at', 'desc').orderBy('id').limit(limit).execute();
		},
		async listDue(now: number, limit: number): Promise<LogoutDelivery[]> {
			return select()
				.where('status', '=', 'queued')
				.where('next_at', '<=', now)
				.orderBy('next_at')
				.limit(limit)
				.execute();
		},
		/** Claims a due notice for this attempt: no other worker gets it before `retryAt`. */
		async take(delivery: LogoutDelivery, retryAt: number): Promise<boolean> {
			const result = await db
				.updateTable('logout_delivery')
				.set({ attempts: delivery.attempts + 1, next_at: retryAt })
				.where('id', '=', delivery.id)
				.where('status', '=', 'queued')
				.where('attempts', '=', delivery.attempts)
				.executeTakeFirst();
			return Number(result.numUpdatedRows) === 1;
		},
		async settle(
			id: string,
			outcome: { status: LogoutDelivery['status']; error?: string; nextAt?: number; now: number },
		): Promise<void> {
			await db
				.updateTable('logout_delivery')
				.set({
					status: outcome.status,
					error: outcome.error ?? null,
					next_at: outcome.nextAt ?? null,
					finished_at: outcome.status === 'queued' ? null : outcome.now,
				})
				.where('id', '=', id)
				.execute();
		},
		/** At most `sweepSize` of them. @returns whether more may be left */
		async deleteFinished(before: number): Promise<boolean> {
			const old = db
				.selectFrom('logout_delivery')
				.select('id')
				.where('finished_at', '<', before)
				.limit(sweepSize);
			const result = await db.deleteFrom('logout_delivery').where('id', 'in', old).executeTakeFirst();
			return Number(result.numDeletedRows) === sweepSize;
		},
	};
}
