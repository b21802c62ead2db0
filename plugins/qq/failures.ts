/** What QQ Connect's codes mean for a sign-in. Others count as `unavailable`. */
import { PluginFailure, type FailureReason } from '@menshen/plugin-kit';

const config: readonly number[] = [100001, 100002, 100008, 100009, 100010, 100011, 100031];
/** The code or the token: missing, used, old, withdrawn. */
const refused: readonly number[] = [
	100005, 100007, 100013, 100014, 100015, 100016, 100018, 100019, 100020, 100030, 1002,
];

/** The application may not see unionids. */
export const noUnionIds = 100048;

export class QqFailure extends PluginFailure {
	constructor(readonly code: number) {
		super(reasonOf(code), `QQ answered ${code}`);
	}
}

function reasonOf(code: number): FailureReason {
	if (config.includes(code)) return 'config';
	return refused.includes(code) ? 'refused' : 'unavailable';
}
