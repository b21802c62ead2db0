/** One's own email and phone number: taken off the account, or kept after all while another waits for its code. */
import type { RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { removeAddress } from '$lib/server/flows/account/remove-address';
import { submitted } from '../answer.server';
import { dropNote } from '../note.server';
import { requireUser } from './owner.server';

export const addressActions = {
	keepEmail: (event: RequestEvent) =>
		submitted(event, [], async () => {
			await requireUser(event);
			dropNote(event);
			return { done: 'kept' as const };
		}),
	removeAddress: (event: RequestEvent) =>
		submitted(event, ['identifier', 'password'], async ({ identifier: kind, password }) => {
			if (kind !== 'email' && kind !== 'phone') throw new Refusal('input/invalid');
			const current = await requireUser(event);
			const order = { owner: { ...current, password }, kind } as const;
			const changed = await removeAddress(await event.locals.app(), order, event.locals.visitor);
			// A change that waits for its code cannot be finished: the codes are void.
			dropNote(event);
			// This answer is already drawn from what was saved.
			Object.assign(current.user, changed);
			return { done: `${kind}-removed` as const };
		}),
};
