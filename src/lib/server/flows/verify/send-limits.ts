/**
 * How many messages may be sent to one target, from one address, by one app; and how many proofs may be tried from
 * one address.
 */
import type { Tries } from '../../limits/limiter';
import { limits, sourceOf } from '../../limits/rules';
import type { Visitor } from '../services';

type Source = Pick<Visitor, 'address' | 'requestId'>;

export function sendLimits(target: string, visitor: Source): Tries {
	return {
		by: visitor,
		on: [
			[limits.sendTargetMinute, target],
			[limits.sendTargetDay, target],
			[limits.sendAddress, sourceOf(visitor.address)],
			[limits.sendApp, 'all'],
		],
	};
}

export function codeLimits(visitor: Source): Tries {
	return { by: visitor, on: [[limits.codeAddress, sourceOf(visitor.address)]] };
}

/** Passkeys have limits of their own: failed ones must not stop people from typing a code. */
export function passkeyLimits(visitor: Source): Tries {
	return { by: visitor, on: [[limits.passkeyAddress, sourceOf(visitor.address)]] };
}
