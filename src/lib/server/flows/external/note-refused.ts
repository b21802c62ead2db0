/**
 * What a vendor brought and was not believed: written into the audit log with the reason, as the person is told
 * none. A vendor that does not answer is no security event, and is logged alone.
 */
import type { Refusal } from '../../../contract/errors';
import { nobody, recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';
import { useNotes, type OpenNote } from '../verify/sealed-note';

interface Refused {
	connector: string;
	/** Whose account was to be linked; absent: somebody was to be signed in. */
	link?: string | undefined;
	refusal: Refusal;
	/** What the way here uses up all the same. */
	uses?: readonly OpenNote<unknown>[];
}

export async function noteRefused(
	services: Pick<AppServices, 'store' | 'clock' | 'log'>,
	{ connector, link, refusal, uses }: Refused,
	visitor: Visitor,
): Promise<void> {
	const { code, detail = '' } = refusal;
	services.log.warn({ connector, refusal: code, detail }, 'a third party brought nobody');
	const isTold = code === 'auth/not-accepted';
	if (!isTold && !uses) return;
	await services.store.write(async (tx) => {
		await useNotes(services, tx, uses);
		if (!isTold) return;
		await recordEvent(
			tx,
			{
				action: link ? 'user.link' : 'user.sign-in',
				outcome: 'refused',
				actor: nobody,
				target: link ? `user:${link}` : '',
				detail: { connector, reason: detail.slice(0, 300) },
			},
			{ clock: services.clock, visitor },
		);
	});
}
