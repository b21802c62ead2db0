/** What the codes of DirectMail mean for a message (help.aliyun.com, error codes of dm 2015-11-23). */
import { PluginFailure } from '@menshen/plugin-kit';
import { acs3Fates } from '@menshen/plugin-kit/acs3';
import { fateOf, type Fate } from '@menshen/plugin-kit/delivery';

const fates: Readonly<Record<string, Fate>> = {
	...acs3Fates,
	// The mail address is the sender's; the recipient's are called `ToAddress`.
	'InvalidMailAddress.': 'settings',
	'InvalidMailAddressStatus.': 'settings',
	'InvalidMailAddressDomain.': 'settings',
	'InvalidMailAddressSendType.': 'settings',
	'InvalidFromAlias.': 'settings',
	'InvalidReplyAddress.': 'settings',
	'InvalidDomain.': 'settings',
	'InvalidUser.': 'settings',
	'InvalidUserStatus.': 'settings',
	// Limits of the whole account, so that one recipient alone cannot cause them.
	'InvalidSendMail.Spam': 'settings',
	InvalidToAddress: 'never',
	'InvalidToAddress.': 'never',
	'InvalidSubject.': 'never',
	InvalidBody: 'never',
	'InvalidBody.': 'never',
};

/** An unknown code is a refusal, unless it comes with the status of a breakdown. */
export function fateOfCode(code: string, status: number): Fate {
	return fateOf(code, fates) ?? (status >= 500 ? 'unknown' : 'never');
}

/** For the self-test, which sends nothing. */
export function testFailureOf(code: string, status: number): PluginFailure {
	const broken = ['busy', 'unknown'].includes(fateOfCode(code, status));
	return new PluginFailure(broken ? 'unavailable' : 'config', `QueryMailAddressByParam: ${code}`);
}
