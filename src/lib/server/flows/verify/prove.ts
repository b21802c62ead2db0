/**
 * Checks a code or link that a person presents, on any page or API: it counts against the limits, and is logged
 * when it is wrong.
 */
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
	/** The verification that it claims to prove. */
	find: () => Promise<Verification | undefined>;
	/** As typed; absent where the link itself is the proof. */
	code?: string;
	/** Whether the browser that asked for the code submits it; called after `find`. */
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
