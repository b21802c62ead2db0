/** The audit log. Rows are only added, never changed; the oldest go once they are older than the appliance keeps them. */
import type { Kysely } from 'kysely';
import { compiledQuery, later } from '../engine/compiled-query';
import { sweepSize } from '../engine/database';
import type { SharedSchema } from './schema';

export interface AuditEntry {
	at: number;
	/** `area.verb`, e.g. `user.sign-in`. */
	action: string;
	outcome: 'ok' | 'refused';
	actor: { kind: 'user' | 'operator' | 'client' | 'system' | 'nobody'; id: string };
	/** The object of the action, `kind:id`, e.g. `user:abc`; may be empty. */
	target: string;
	address: string;
	requestId: string;
	/** Further facts. Never a secret. */
	detail: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
	/** Only rows older than this one. */
	before?: number | undefined;
	action?: string | undefined;
	target?: string | undefined;
	limit: number;
}

type Values = [
	at: number,
	action: string,
	outcome: string,
	actorKind: string,
	actorId: string,
	target: string,
	address: string,
	requestId: string,
	detail: string,
];

export function auditRepository(db: Kysely<SharedSchema>) {
	const add = compiledQuery<Values, unknown>(db, () =>
		db.insertInto('audit').values({
			at: later,
			action: later,
			outcome: later,
			actor_kind: later,
			actor_id: later,
			target: later,
			address: later,
			request_id: later,
			detail: later,
		}),
	);
	return {
		async add(entry: AuditEntry): Promise<void> {
			const { at, action, outcome, actor, target, address, requestId, detail } = entry;
			await add(
				at,
				action,
				outcome,
				actor.kind,
				actor.id,
				target,
				address,
				requestId,
				JSON.stringify(detail),
			);
		},
		/** At most `sweepSize` of the oldest. @returns whether more may be left */
		async deleteBefore(time: number): Promise<boolean> {
			// In the order they were written, which needs no index of its own, up to the first that stays.
			const oldest = await db
				.selectFrom('audit')
				.select(['seq', 'at'])
				.orderBy('seq')
				.limit(sweepSize)
				.execute();
			const stays = oldest.findIndex(({ at }) => at >= time);
			const last = stays === -1 ? oldest.at(-1) : oldest[stays - 1];
			if (!last) return false;
			await db.deleteFrom('audit').where('seq', '<=', last.seq).execute();
			return stays === -1 && oldest.length === sweepSize;
		},
		async list(page: AuditPage): Promise<(AuditEntry & { seq: number })[]> {
			let query = db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(page.limit);
			if (page.before !== undefined) query = query.where('seq', '<', page.before);
			if (page.action) query = query.where('action', '=', page.action);
			if (page.target) query = query.where('target', '=', page.target);
			const rows = await query.execute();
			return rows.map((row) => ({
				seq: row.seq,
				at: row.at,
				action: row.action,
				outcome: row.outcome,
				actor: { kind: row.actor_kind, id: row.actor_id },
				target: row.target,
				address: row.address,
				requestId: row.request_id,
				detail: JSON.parse(row.detail) as Record<string, unknown>,
			}));
		},
	};
}
