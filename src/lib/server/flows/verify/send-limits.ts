/** How many messages may be sent to one target, from one address, by one app. Known and unknown targets alike. */
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
