/** A lease lets one process of several run a job. */
import type { Kysely } from 'kysely';
import type { ControlSchema } from './schema';

export function leaseRepository(db: Kysely<ControlSchema>) {
	return {
		/** @returns whether `holder` has the lease until `expiresAt`. */
		async take(name: string, holder: string, times: { now: number; expiresAt: number }): Promise<boolean> {
			const result = await db
				.insertInto('lease')
				.values({ name, holder, expires_at: times.expiresAt })
				.onConflict((conflict) =>
					conflict
						.column('name')
						.doUpdateSet({ holder, expires_at: times.expiresAt })
						.where((eb) => eb.or([eb('lease.expires_at', '<=', times.now), eb('lease.holder', '=', holder)])),
				)
				.executeTakeFirst();
			return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
		},
	};
}
