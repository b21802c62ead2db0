/** The message that carries a code, as its connector words it. */
import { verificationMinutes } from '../verify/verification';
import type { Letter } from '../messages/letter';
import type { AppServices } from '../services';

interface Facts {
	connector: string;
	channel: Letter['channel'];
	/** The normalised target. */
	key: string;
	purpose: string;
	code: string;
	link?: string | undefined;
	locale: Letter['locale'];
}

/** @throws Refusal plugin/*; auth/number-not-served, whether the target has an account or not */
export async function composeCode(
	services: Pick<AppServices, 'plugins' | 'settings'>,
	facts: Facts,
): Promise<Letter> {
	const { connector, channel, key, purpose, code, link, locale } = facts;
	const { name: appName } = await services.settings();
	const about = purpose === 'join' ? 'register' : purpose;
	const { html, ...composed } = await services.plugins.code(connector, locale).compose({
		code,
		purpose: about,
		appName,
		minutes: verificationMinutes,
		to: key,
		...(link ? { link } : {}),
	});
	return {
		channel,
		purpose: about,
		to: key,
		...composed,
		...(html ? { html } : {}),
		params: { ...composed.params, code, minutes: String(verificationMinutes), link: link ?? '' },
		locale,
	};
}
