/** What the codes of Tencent Cloud SMS mean for a message (cloud.tencent.com, error codes of sms 2021-01-11). */
import { PluginFailure } from '@menshen/plugin-kit';
import { fateOf, type Fate } from '@menshen/plugin-kit/delivery';

const fates: Readonly<Record<string, Fate>> = {
	AuthFailure: 'settings',
	'AuthFailure.': 'settings',
	UnauthorizedOperation: 'settings',
	'UnauthorizedOperation.': 'settings',
	InvalidAction: 'settings',
	NoSuchVersion: 'settings',
	UnsupportedRegion: 'settings',
	RequestLimitExceeded: 'busy',
	'RequestLimitExceeded.': 'busy',
	ResourceUnavailable: 'busy',
	// Limits of one number pass; those of a country or the application do so only the next day.
	'LimitExceeded.': 'later',
	'LimitExceeded.AppCountryOrRegionInBlacklist': 'never',
	'LimitExceeded.PhoneNumberSameContentDailyLimit': 'never',
	'LimitExceeded.PhoneNumberCountLimit': 'never',
	'FailedOperation.': 'never',
	'FailedOperation.InsufficientBalanceInSmsPackage': 'settings',
	'FailedOperation.SignatureIncorrectOrUnapproved': 'settings',
	'FailedOperation.TemplateIncorrectOrUnapproved': 'settings',
	'FailedOperation.TemplateUnapprovedOrNotExist': 'settings',
	'FailedOperation.TemplateParamSetNotMatchApprovedTemplate': 'settings',
	'FailedOperation.TemplateIdNotExist': 'settings',
	'FailedOperation.MissingSignature': 'settings',
	'FailedOperation.MissingTemplateToModify': 'settings',
	'FailedOperation.ProhibitSubMailOrderTemplate': 'settings',
	'FailedOperation.MarketingSendTimeConstraint': 'later',
	'FailedOperation.FailResolvePacket': 'unknown',
	'InvalidParameterValue.SdkAppIdNotExist': 'settings',
	'InvalidParameterValue.TemplateParameterFormatError': 'settings',
	'InvalidParameterValue.TemplateParameterLengthLimit': 'settings',
	'InvalidParameterValue.ProhibitedUseUrlInTemplateParameter': 'never',
	'UnsupportedOperation.': 'never',
	InternalError: 'unknown',
	'InternalError.': 'unknown',
	// The vendor accepted the message and does not know the result.
	'InternalError.Timeout': 'unknown',
};

/** An unknown code is a refusal, unless it comes with the status of a breakdown. */
export function fateOfCode(code: string, status = 200): Fate {
	return fateOf(code, fates) ?? (status >= 500 ? 'unknown' : 'never');
}

/** For the self-test, which sends nothing. */
export function testFailureOf(code: string): PluginFailure {
	const broken = ['busy', 'unknown'].includes(fateOfCode(code));
	return new PluginFailure(broken ? 'unavailable' : 'config', `DescribeSmsTemplateList: ${code}`);
}
