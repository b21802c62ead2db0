/** What the codes of Aliyun SMS mean for a message (help.aliyun.com, error codes of dysmsapi 2017-05-25). */
import { PluginFailure } from '@menshen/plugin-kit';
import { acs3Fates } from '@menshen/plugin-kit/acs3';
import { fateOf, type Fate } from '@menshen/plugin-kit/delivery';

const fates: Readonly<Record<string, Fate>> = {
	...acs3Fates,
	'isv.BUSINESS_LIMIT_CONTROL': 'later',
	'isv.DAY_LIMIT_CONTROL': 'later',
	'isv.SMS_SIGNATURE_ILLEGAL': 'settings',
	'isv.SMS_SIGN_ILLEGAL': 'settings',
	'isv.SMS_TEMPLATE_ILLEGAL': 'settings',
	'isv.TEMPLATE_MISSING_PARAMETERS': 'settings',
	'isv.TEMPLATE_PARAMS_ILLEGAL': 'settings',
	'isv.INVALID_JSON_PARAM': 'settings',
	'isv.BLACK_KEY_CONTROL_LIMIT': 'settings',
	'isv.AMOUNT_NOT_ENOUGH': 'settings',
	'isv.OUT_OF_SERVICE': 'settings',
	'isv.PRODUCT_UN_SUBSCRIPT': 'settings',
	'isv.PRODUCT_UNSUBSCRIBE': 'settings',
	'isv.ACCOUNT_NOT_EXISTS': 'settings',
	'isv.ACCOUNT_ABNORMAL': 'settings',
	'isv.DENY_IP_RANGE': 'settings',
	'isv.RAM_PERMISSION_DENY': 'settings',
	'isp.RAM_PERMISSION_DENY': 'settings',
	'isv.SYSTEM_ERROR': 'unknown',
	// Every other refusal of the caller's kind is about this number or this text; the provider's own kind is a
	// defect.
	'isv.': 'never',
	'isp.': 'unknown',
};

/** An unknown code is a refusal, unless it comes with the status of a breakdown. */
export function fateOfCode(code: string, status: number): Fate {
	return fateOf(code, fates) ?? (status >= 500 ? 'unknown' : 'never');
}

/** For the self-test, which sends nothing. */
export function testFailureOf(what: string, code: string, status: number): PluginFailure {
	const broken = ['busy', 'unknown'].includes(fateOfCode(code, status));
	return new PluginFailure(broken ? 'unavailable' : 'config', `${what}: ${code}`);
}
