/**
 * Things that work once: the first request to take one writes it down, and however many come at once, only one can
 * be first.
 */
import { isDuplicate } from '../../storage/engine/failures';
import type { SharedRepositories } from '../../storage/shared/repositories';

export interface Once {
	/** The row's primary key: equal things have the same one. */
	id: string;
	now: number;
	/** Until when it is remembered. */
	until: number;
}

interface Store {
	write<T>(work: (tx: Pick<SharedRepositories, 'verifications'>) => Promise<T>): Promise<T>;
}

/** @returns whether this is the first time */
export async function takeOnce(store: Store, { id, now, until }: Once): Promise<boolean> {
	const row = { id, purpose: 'once', target: '', userId: null, data: null, code: '', link: null };
	try {
		await store.write((tx) => tx.verifications.create({ ...row, createdAt: now, expiresAt: until }));
		return true;
	} catch (error) {
		if (isDuplicate(error)) return false;
		throw error;
	}
}
