/** One's own phone number, where codes reach phones: what its section shows, and what its forms do. */
import type { RequestEvent } from '@sveltejs/kit';
import { phoneOf } from '$lib/forms/phone-of';
import { countriesIn, guessCountry, type Country } from '$lib/i18n/countries';
import { completePhoneChange, requestPhoneChange } from '$lib/server/flows/account/change-phone';
import { isProvable } from '$lib/server/flows/sign-in/list-methods';
import { submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import { requireUser } from './owner.server';

export async function phonesFor(
	event: RequestEvent,
): Promise<{ countries: readonly Country[]; country: string } | undefined> {
	if (!(await isProvable(await event.locals.app(), 'phone'))) return undefined;
	const country = guessCountry(event.request.headers.get('accept-language'));
	return { countries: countriesIn(event.locals.locale), country };
}

export const phoneActions = {
	changePhone: (event: RequestEvent) =>
		submitted(event, ['phone', 'country', 'password'], async (typed) => {
			const order = { ...(await requireUser(event)), password: typed.password, phone: phoneOf(typed) };
			const phone = await requestPhoneChange(await event.locals.app(), order, event.locals.visitor);
			leaveNote(event, { at: 'phone', phone });
			return { done: 'new-phone-sent' as const };
		}),
	confirmPhone: (event: RequestEvent) =>
		submitted(event, ['code', 'step'], async ({ code }) => {
			const { user } = await requireUser(event);
			const input = { user, phone: readNote(event, 'phone')?.phone ?? '', code };
			const changed = await completePhoneChange(await event.locals.app(), input, event.locals.visitor);
			dropNote(event);
			Object.assign(user, changed);
			return { done: 'new-phone' as const };
		}),
};
