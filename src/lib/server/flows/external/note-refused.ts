/**
 * Writes a vendor's answer that was not accepted into the audit log with the reason, as the person is not told the
 * reason. A vendor that does not answer is not a security event, and is only logged.
 */
import type { Refusal } from '../../../contract/errors';
import { nobody, recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';
import { useNotes, type OpenNote } from '../verify/sealed-note';

interface Refused {
	connector: string;
	/** The user whose account was to be linked; absent: a sign-in. */
	link?: string | undefined;
	refusal: Refusal;
	/** What the attempt uses up although it was refused. */
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
