/** The limits that one password try counts against. */
import { classifyIdentifier } from '../../../contract/identifiers';
import type { Vault } from '../../runtime/vault';
import type { Limiter, LimitKeys, Tries } from '../../limits/limiter';
import { limits, sourceOf } from '../../limits/rules';
import type { Visitor } from '../services';

/**
 * What tries are counted under: the identifier as typed, known or not. One bucket for all identifiers of an account
 * would disclose which of them belong together. Kept as a keyed digest: people type passwords there.
 */
export function accountKey(vault: Pick<Vault, 'hmac'>, identifier: string): string {
	return vault.hmac(identifier, 'sign-in-limit');
}

interface Try {
	/** As `accountKey` gives it. */
	account: string;
	/** Set when this browser signed in to this account before. */
	knownBrowser: string | undefined;
	/** `kind:id` of the account, where there is one: for the audit log. */
	target?: string;
}

/**
 * A known browser is counted on its own, so that what strangers try on the account does not slow its owner
 * down. The limits of its address and of the whole app apply to it as well.
 */
export function signInLimits(attempt: Try, visitor: Pick<Visitor, 'address' | 'requestId'>): Tries {
	const { account, knownBrowser, target = '' } = attempt;
	const source = sourceOf(visitor.address);
	const ofAccount: LimitKeys = knownBrowser
		? [[limits.signInPair, `${account}|browser|${knownBrowser}`]]
		: [
				[limits.signInPair, `${account}|${source}`],
				[limits.signInUser, account],
			];
	const ofAll: LimitKeys = [
		[limits.signInAddress, source],
		[limits.signInApp, 'all'],
	];
	return { by: visitor, target, on: [...ofAccount, ...ofAll] };
}

/** After a proven change of password the counts of the account start again, under each of its identifiers. */
export async function forgiveAccount(
	services: { limiter: Limiter; vault: Pick<Vault, 'hmac'> },
	identifiers: readonly (string | null)[],
	visitor: Pick<Visitor, 'address'>,
): Promise<void> {
	for (const identifier of identifiers) {
		if (!identifier) continue;
		const account = accountKey(services.vault, classifyIdentifier(identifier).key);
		await services.limiter.forget(limits.signInUser, account);
		// A person who mistyped here until the password was replaced can sign in with the new one at once.
		await services.limiter.forget(limits.signInPair, `${account}|${sourceOf(visitor.address)}`);
	}
}
