import { redirect } from '@sveltejs/kit';
import { editApp } from '$lib/server/flows/apps/edit-app';
import { deleteApp, type AppSettingsInput } from '$lib/server/flows/apps/manage-apps';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { TypedForm } from '$lib/server/edge/typed-form';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app: openApp }) => {
	const app = await openApp();
	const settings = await app.settings();
	const { name, website, tokenDays, sessionIdleDays, sessionMaxDays, timeZone } = settings;
	return {
		settings: {
			name,
			website,
			public: settings.public,
			tokenDays,
			sessionIdleDays,
			sessionMaxDays,
			timeZone,
		},
		zones: Intl.supportedValuesOf('timeZone'),
	};
}) satisfies PageServerLoad;

/** What was typed; the flow validates it by the contract's schema. */
const typedIn = (form: TypedForm) =>
	({
		name: form.text('name'),
		website: form.text('website').trim(),
		public: form.flag('public'),
		tokenDays: form.integer('tokenDays') ?? NaN,
		sessionIdleDays: form.integer('sessionIdleDays') ?? NaN,
		sessionMaxDays: form.integer('sessionMaxDays') ?? NaN,
		timeZone: form.text('timeZone'),
	}) as AppSettingsInput;

export const actions = {
	save: operatorAction(async ({ services, app, form, actor, visitor }) => {
		const { id } = await app();
		await editApp(services, { id, drawn: form.drawn(), typed: typedIn(form), actor }, visitor);
	}),
	delete: operatorAction(async ({ services, app, actor, visitor }) => {
		await deleteApp(services, { id: (await app()).id, actor }, visitor);
		redirect(303, '/admin');
	}),
} satisfies Actions;
