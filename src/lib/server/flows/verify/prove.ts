/** A code or link that somebody presents, on whichever door: held against the limits, and noted when it is wrong. */
import { Refusal } from '../../../contract/errors';
import type { Verification } from '../../storage/shared/verifications';
import { nobody, recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';
import { codeLimits } from './send-limits';
import { proveByCode, requireOpen, type TypedCode } from './verification';

type Needs = Pick<AppServices, 'limiter' | 'store' | 'vault' | 'clock'>;

export interface Presented {
	/** What it would allow, as the audit log names it. */
	action: string;
	/** The verification that it is said to prove. */
	find: () => Promise<Verification | undefined>;
	/** As typed; absent where the link itself is the proof. */
	code?: string;
	/** Whether the code is typed by who asked for it; asked after `find`. */
	isStranger?: () => boolean;
}

/** @throws Refusal auth/code-invalid, whatever the reason; auth/too-many-attempts */
export async function prove(services: Needs, presented: Presented, visitor: Visitor): Promise<Verification> {
	const { action, find, code, isStranger } = presented;
	return services.limiter.guard(codeLimits(visitor), async () => {
		const found = await find();
		try {
			if (code === undefined) return await requireOpen(services, found);
			const typed: TypedCode = { code, stranger: isStranger?.() ?? false };
			return await proveByCode(services, found, typed);
		} catch (error) {
			if (!(error instanceof Refusal) || error.code !== 'auth/code-invalid') throw error;
			const target = found?.userId ? `user:${found.userId}` : '';
			await services.store.write((tx) =>
				recordEvent(
					tx,
					{ action, outcome: 'refused', actor: nobody, target },
					{ clock: services.clock, visitor },
				),
			);
			throw error;
		}
	});
}
