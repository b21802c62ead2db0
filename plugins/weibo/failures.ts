/** What Weibo's codes mean for a sign-in. Others count as `unavailable`. */
import { PluginFailure, type FailureReason } from '@menshen/plugin-kit';

/** Application, secret, redirect address, permissions. */
const config: readonly number[] = [
	10005, 10006, 10011, 10012, 10013, 10014, 10020, 21322, 21324, 21326, 21337, 21338,
];
/** The code or the token: used, old, withdrawn, for a person whose account is gone. */
const refused: readonly number[] = [20003, 21314, 21315, 21316, 21317, 21319, 21325, 21327, 21332];

export const redirectMismatch = 21322;
const denied = 21330;

export class WeiboFailure extends PluginFailure {
	constructor(readonly code: number) {
		super(reasonOf(code), `Weibo answered ${code}`);
	}
}

function reasonOf(code: number): FailureReason {
	if (code === denied) return 'cancelled';
	if (config.includes(code)) return 'config';
	return refused.includes(code) ? 'refused' : 'unavailable';
}

/** The errors in the address when the person comes back without a code. */
export function returnFailureOf({ error, error_code }: Readonly<Record<string, string>>): PluginFailure {
	if (error_code !== undefined && /^\d{5}$/.test(error_code)) return new WeiboFailure(Number(error_code));
	if (error === undefined || error === 'access_denied')
		return new PluginFailure('cancelled', 'the person turned back at Weibo');
	return new PluginFailure('unavailable', `Weibo came back with ${error.slice(0, 100)}`);
}
