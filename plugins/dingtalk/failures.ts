/** What DingTalk's own codes mean for a sign-in. Codes that are not named here count as `unavailable`. */
import { PluginFailure, type FailureReason } from '@menshen/plugin-kit';

/** Of the api host, by the beginning of the code. The first that fits decides. */
const apiMeanings: readonly (readonly [RegExp, FailureReason])[] = [
	[/^invalidParameter\.authCode/i, 'refused'],
	[/^InvalidAuthentication/i, 'refused'],
	[/QpsLimit|Throttling/i, 'unavailable'],
	[/^(invalidClientIdOrSecret|invalid\.client|unauthorized\.client|unsupported\.grant\.type)/i, 'config'],
	[/^Forbidden\.AccessDenied/i, 'config'],
];

/** Of the oapi host. */
const oapiMeanings: Readonly<Record<string, FailureReason>> = {
	40078: 'refused',
	40079: 'refused',
	41026: 'refused',
	60121: 'refused',
	40089: 'config',
	60011: 'config',
	60020: 'config',
};

export function apiFailureOf(code: string, missing: readonly string[] = []): PluginFailure {
	const reason = apiMeanings.find(([pattern]) => pattern.test(code))?.[1] ?? 'unavailable';
	const wanted = missing.length > 0 ? `, missing permission ${missing.join(', ')}` : '';
	return new PluginFailure(reason, `DingTalk answered ${code}${wanted}`);
}

export function oapiFailureOf(code: string): PluginFailure {
	return new PluginFailure(oapiMeanings[code] ?? 'unavailable', `DingTalk answered errcode ${code}`);
}

/** The errors in the address when the person comes back without a code. */
export function returnFailureOf(error: string | undefined): PluginFailure {
	if (error === undefined || /denied|cancel/i.test(error))
		return new PluginFailure('cancelled', 'the person turned back at DingTalk');
	const config = /client|scope|redirect/i.test(error);
	return new PluginFailure(config ? 'config' : 'refused', `DingTalk came back with ${error.slice(0, 100)}`);
}
