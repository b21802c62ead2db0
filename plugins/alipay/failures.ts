/** What Alipay's codes mean for a sign-in (`sub_code` first, then `code`). Others count as `unavailable`. */
import { PluginFailure, type FailureReason } from '@menshen/plugin-kit';

const subCodes: Readonly<Record<string, FailureReason>> = {
	'isv.code-invalid': 'refused',
	'aop.invalid-auth-token': 'refused',
	'aop.auth-token-time-out': 'refused',
	'aop.invalid-auth-token-no-api': 'config',
	'isv.invalid-app-id': 'config',
	'isv.invalid-signature': 'config',
	'isv.invalid-signature-type': 'config',
	'isv.missing-signature-key': 'config',
	'isv.insufficient-isv-permissions': 'config',
	'isv.insufficient-user-permissions': 'refused',
	'isv.ip-not-allowed': 'config',
};

const codes: Readonly<Record<string, FailureReason>> = {
	/** Permissions of the application. */
	40006: 'config',
	/** Permissions of the token. */
	20001: 'refused',
};

export function failureOf({ code = '', sub_code = '' }: { code?: string; sub_code?: string }): PluginFailure {
	const reason = subCodes[sub_code] ?? codes[code] ?? 'unavailable';
	return new PluginFailure(reason, `Alipay answered ${code} ${sub_code}`.trim());
}
