/**
 * Something that waits for one person to come back with a token: sealed, expiring, for one use. The browser holds
 * only the token, so that nothing of it can be read, forged or used twice.
 */
import type { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { newId, randomToken } from '../../runtime/random';
import { digest } from '../../runtime/vault';
import type { SharedRepositories } from '../../storage/shared/repositories';
import type { Verification } from '../../storage/shared/verifications';
import type { AppServices } from '../services';

type Needs = Pick<AppServices, 'vault' | 'clock'>;

export type NotePurpose = 'redirect' | 'arrival' | 'joining' | 'ceremony' | 'posted' | 'drawing';

interface NoteOrder {
	purpose: NotePurpose;
	data: unknown;
	/** Milliseconds. */
	life: number;
	/** The user it belongs to: it ends with that user's other codes. */
	userId?: string | undefined;
	/** Use this token instead of a new one. */
	token?: string;
}

/** @returns the token; 256 bits */
export async function keepNote(
	services: Needs,
	tx: Pick<SharedRepositories, 'verifications'>,
	order: NoteOrder,
): Promise<string> {
	const [id, token, now] = [newId(), order.token ?? randomToken(32), services.clock.now()];
	await tx.verifications.create({
		id,
		purpose: order.purpose,
		target: '',
		userId: order.userId ?? null,
		data: services.vault.seal(JSON.stringify(order.data), `note:${id}`),
		// The note cannot be opened with a typed code.
		code: '',
		link: digest(token),
		createdAt: now,
		expiresAt: now + order.life,
	});
	return token;
}

export interface OpenNote<T> {
	row: Verification;
	data: T;
}

/** Leaves it where it is. @throws Refusal interaction/expired for a note that is unknown, used or expired */
export async function openNote<T>(
	services: Needs & Pick<AppServices, 'store'>,
	{ token, purpose }: { token: string; purpose: NotePurpose },
	schema: z.ZodType<T>,
): Promise<OpenNote<T>> {
	const row = await services.store.read.verifications.findByLink(digest(token), purpose);
	if (!row?.data || row.usedAt !== null) throw new Refusal('interaction/expired');
	if (row.expiresAt <= services.clock.now()) {
		// A clock that is set back later must not make it valid again.
		await services.store.write((tx) => tx.verifications.close(row.id, services.clock.now()));
		throw new Refusal('interaction/expired');
	}
	return { row, data: schema.parse(JSON.parse(services.vault.open(row.data, `note:${row.id}`))) };
}

/** Uses up all of the notes or none. @throws Refusal interaction/expired */
export async function useNotes(
	services: Pick<AppServices, 'clock'>,
	tx: Pick<SharedRepositories, 'verifications'>,
	notes: readonly Pick<OpenNote<unknown>, 'row'>[] = [],
): Promise<void> {
	for (const note of notes) await useNote(services, tx, note);
}

/**
 * Uses it up, in the transaction that does what it allows. @throws Refusal interaction/expired when another request
 * was first
 */
export async function useNote(
	services: Pick<AppServices, 'clock'>,
	tx: Pick<SharedRepositories, 'verifications'>,
	{ row }: Pick<OpenNote<unknown>, 'row'>,
): Promise<void> {
	if (!(await tx.verifications.use(row.id, services.clock.now()))) throw new Refusal('interaction/expired');
}
