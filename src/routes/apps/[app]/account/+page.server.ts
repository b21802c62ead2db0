import { Refusal } from '$lib/contract/errors';
import { plainCode } from '$lib/forms/plain-code';
import { profileSchema, updateProfile } from '$lib/server/flows/account/update-profile';
import { rememberLocale } from '$lib/server/edge/cookies';
import { confirmEmail, requestEmailVerification } from '$lib/server/flows/verify/confirm-email';
import { guarded, submitted } from '../answer.server';
import { requireUser } from './owner.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const { user } = await requireUser(event);
		const { name, username, email, emailVerified, phone, locale } = user;
		return {
			profile: { name, username, email, emailVerified, phone, locale: locale ?? event.locals.locale },
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
			await confirmEmail(await event.locals.app(), { user, code: plainCode(code) }, event.locals.visitor);
			user.emailVerified = true;
			return { done: 'email-verified' as const };
		}),
};
