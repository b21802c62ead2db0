/** Which limits one password try is held against. */
import type { Limiter, LimitKeys } from '../../limits/limiter';
import { limits, sourceOf } from '../../limits/rules';
import type { Visitor } from '../services';

interface Try {
	/** The account's id, or what was typed where there is no such account: both are counted alike. */
	account: string;
	/** Set when this browser signed in to this account before. */
	knownBrowser: string | undefined;
}

export function signInLimits(attempt: Try, visitor: Pick<Visitor, 'address'>): LimitKeys {
	const source = sourceOf(visitor.address);
	if (attempt.knownBrowser)
		return [[limits.signInPair, `${attempt.account}|browser|${attempt.knownBrowser}`]];
	return [
		[limits.signInPair, `${attempt.account}|${source}`],
		[limits.signInUser, attempt.account],
		[limits.signInAddress, source],
		[limits.signInApp, 'all'],
	];
}

/** After a proven change of password the account starts afresh for everybody. */
export async function forgiveAccount(limiter: Limiter, account: string): Promise<void> {
	await limiter.forget(limits.signInUser, account);
}
