/** How many messages may be sent to one target, from one address, by one app. Known and unknown targets alike. */
import type { LimitKeys } from '../../limits/limiter';
import { limits, sourceOf } from '../../limits/rules';
import type { Visitor } from '../services';

export function sendLimits(target: string, visitor: Pick<Visitor, 'address'>): LimitKeys {
	return [
		[limits.sendTargetMinute, target],
		[limits.sendTargetDay, target],
		[limits.sendAddress, sourceOf(visitor.address)],
		[limits.sendApp, 'all'],
	];
}

export function codeLimits(visitor: Pick<Visitor, 'address'>): LimitKeys {
	return [[limits.codeAddress, sourceOf(visitor.address)]];
}
