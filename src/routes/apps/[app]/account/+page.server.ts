import { Refusal } from '$lib/contract/errors';
import { readGuest } from '$lib/server/flows/account/become-user';
import { completeEmailChange, requestEmailChange } from '$lib/server/flows/account/change-email';
import { readKept } from '$lib/server/flows/account/remove-address';
import { hasPassword } from '$lib/server/flows/account/prove-fresh';
import { profileSchema, updateProfile } from '$lib/server/flows/account/update-profile';
import { rememberLocale } from '$lib/server/edge/cookies';
import { confirmEmail, requestEmailVerification } from '$lib/server/flows/verify/confirm-email';
import { guarded, submitted } from '../answer.server';
import { dropNote, leaveNote, readNote } from '../note.server';
import { addressActions } from './address.server';
import { guestActions } from './guest.server';
import { requireUser } from './owner.server';
import { phoneActions, phonesFor } from './phone.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const { user } = await requireUser(event);
		const app = await event.locals.app();
		const { name, username, email, emailVerified, phone, phoneVerified, locale } = user;
		const shown = { name, username, email, emailVerified, phone, phoneVerified };
		return {
			profile: { ...shown, locale: locale ?? event.locals.locale },
			/** Codes reach phones here. */
			phones: await phonesFor(event),
			newPhone: readNote(event, 'phone')?.phone,
			/** Where the code of a change that is under way went. */
			newEmail: readNote(event, 'email')?.email,
			/** Why an address cannot be removed. */
			kept: await readKept(app, user),
			hasPassword: await hasPassword(app, user.id),
			guest: await readGuest(app, user),
			names: [name, email].filter((each): each is string => Boolean(each)),
			minLength: (await app.settings()).passwordMinLength,
		};
	});

export const actions: Actions = {
	profile: (event) =>
		submitted(event, ['name', 'locale'], async (typed) => {
			const app = await event.locals.app();
			const { user } = await requireUser(event);
			const parsed = profileSchema.safeParse({
				name: typed.name,
				...(typed.locale ? { locale: typed.locale } : {}),
			});
			if (!parsed.success) throw new Refusal('input/invalid', { fields: { name: 'input/invalid' } });
			const changed = await updateProfile(
				app,
				{ userId: user.id, change: parsed.data },
				event.locals.visitor,
			);
			// This answer is already drawn from what was saved.
			Object.assign(user, changed);
			if (parsed.data.locale) {
				event.locals.locale = parsed.data.locale;
				rememberLocale(event.cookies, parsed.data.locale, app.origin.startsWith('https:'));
			}
			return { done: 'profile' as const };
		}),
	sendCode: (event) =>
		submitted(event, [], async () => {
			const { user } = await requireUser(event);
			await requestEmailVerification(await event.locals.app(), user, event.locals.visitor);
			return { done: 'code-sent' as const };
		}),
	verifyEmail: (event) =>
		submitted(event, ['code'], async ({ code }) => {
			const { user } = await requireUser(event);
			await confirmEmail(await event.locals.app(), { user, code }, event.locals.visitor);
			user.emailVerified = true;
			return { done: 'email-verified' as const };
		}),
	changeEmail: (event) =>
		submitted(event, ['email', 'password'], async (typed) => {
			const current = await requireUser(event);
			const order = { ...current, ...typed };
			const email = await requestEmailChange(await event.locals.app(), order, event.locals.visitor);
			leaveNote(event, { at: 'email', email });
			return { done: 'new-email-sent' as const };
		}),
	confirmNewEmail: (event) =>
		submitted(event, ['code'], async ({ code }) => {
			const { user } = await requireUser(event);
			const input = { user, email: readNote(event, 'email')?.email ?? '', code };
			const changed = await completeEmailChange(await event.locals.app(), input, event.locals.visitor);
			dropNote(event);
			// This answer is already drawn from what was saved.
			Object.assign(user, changed);
			return { done: 'new-email' as const };
		}),
	...phoneActions,
	...addressActions,
	...guestActions,
};
