/**
 * A vendor that answers with a form (OAuth 2.0 Form Post Response Mode) brings none of the browser's cookies. Its
 * answer is kept, sealed, and the browser fetches it once by a request of its own, with its cookies.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { limits, sourceOf } from '../../limits/rules';
import { second } from '../../runtime/clock';
import type { AppServices, Visitor } from '../services';
import { keepNote, openNote, useNote } from '../verify/sealed-note';

const life = 60 * second;
const postedSchema = z.object({ connector: z.string(), query: z.record(z.string(), z.string()) });
export type Posted = z.output<typeof postedSchema>;

/** @returns the one-time id @throws Refusal plugin/not-found, auth/too-many-attempts */
export async function keepPosted(
	services: Pick<AppServices, 'plugins' | 'limiter' | 'store' | 'vault' | 'clock'>,
	posted: Posted,
	visitor: Pick<Visitor, 'address' | 'requestId'>,
): Promise<string> {
	if (!services.plugins.manifestOf(posted.connector).kinds.includes('redirect'))
		throw new Refusal('plugin/not-found', { detail: posted.connector });
	await services.limiter.spend({ on: [[limits.redirectAddress, sourceOf(visitor.address)]], by: visitor });
	return services.store.write((tx) => keepNote(services, tx, { purpose: 'posted', data: posted, life }));
}

/** @throws Refusal interaction/expired for an id that is unknown, used, expired, or another connector's */
export async function takePosted(
	services: Pick<AppServices, 'store' | 'vault' | 'clock'>,
	{ connector, id }: { connector: string; id: string },
): Promise<Posted['query']> {
	const note = await openNote(services, { token: id, purpose: 'posted' }, postedSchema);
	if (note.data.connector !== connector) throw new Refusal('interaction/expired');
	await services.store.write((tx) => useNote(services, tx, note));
	return note.data.query;
}
