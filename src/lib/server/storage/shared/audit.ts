/** The audit log. There is no update and no delete: rows are only added. */
import type { Kysely } from 'kysely';
import type { SharedSchema } from './schema';

export interface AuditEntry {
	at: number;
	/** `area.verb`, e.g. `user.sign-in`. */
	action: string;
	outcome: 'ok' | 'refused';
	actor: { kind: 'user' | 'operator' | 'client' | 'system' | 'nobody'; id: string };
	/** What it was done to, `kind:id`, e.g. `user:abc`; may be empty. */
	target: string;
	address: string;
	requestId: string;
	/** Further facts. Never a secret. */
	detail: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
	/** Rows older than this one. */
	before?: number | undefined;
	action?: string | undefined;
	target?: string | undefined;
	limit: number;
}

export function auditRepository(db: Kysely<SharedSchema>) {
	return {
		async add(entry: AuditEntry): Promise<void> {
			await db
				.insertInto('audit')
				.values({
					at: entry.at,
					action: entry.action,
					outcome: entry.outcome,
					actor_kind: entry.actor.kind,
					actor_id: entry.actor.id,
					target: entry.target,
					address: entry.address,
					request_id: entry.requestId,
					detail: JSON.stringify(entry.detail),
				})
				.execute();
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
