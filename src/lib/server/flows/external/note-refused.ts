/**
 * What a vendor brought and was not believed: written into the audit log with the reason, as the person is told
 * none. A vendor that does not answer is no security event, and is logged alone.
 */
import type { Refusal } from '../../../contract/errors';
import { nobody, recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';

interface Refused {
	connector: string;
	/** Whose account was to be linked; absent: somebody was to be signed in. */
	link?: string | undefined;
	refusal: Refusal;
}

export async function noteRefused(
	services: Pick<AppServices, 'store' | 'clock' | 'log'>,
	{ connector, link, refusal }: Refused,
	visitor: Visitor,
): Promise<void> {
	const { code, detail = '' } = refusal;
	services.log.warn({ connector, refusal: code, detail }, 'a third party brought nobody');
	if (code !== 'auth/not-accepted') return;
	await services.store.write((tx) =>
		recordEvent(
			tx,
			{
				action: link ? 'user.link' : 'user.sign-in',
				outcome: 'refused',
				actor: nobody,
				target: link ? `user:${link}` : '',
				detail: { connector, reason: detail.slice(0, 300) },
			},
			{ clock: services.clock, visitor },
		),
	);
}
