import { editApp } from '$lib/server/flows/apps/edit-app';
import { uploadLogo } from '$lib/server/flows/apps/upload-logo';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Theme } from '$lib/contract/app-settings';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ app }) => {
	const { theme, name } = await (await app()).settings();
	return { theme, name };
}) satisfies PageServerLoad;

export const actions = {
	save: operatorAction(async ({ services, app: openApp, form, actor, visitor }) => {
		const app = await openApp();
		const bytes = await form.file('logoFile');
		const theme = {
			title: form.text('title').trim(),
			accent: form.text('accent').trim(),
			radius: form.integer('radius') ?? NaN,
			mode: form.text('mode') as Theme['mode'],
			logo: bytes ? await uploadLogo(app, { bytes, actor }, visitor) : form.text('logo'),
			css: form.text('css'),
			termsUrl: form.text('termsUrl').trim(),
			privacyUrl: form.text('privacyUrl').trim(),
		};
		const drawn = { theme: form.drawn() };
		await editApp(services, { id: app.id, drawn, typed: { theme }, actor }, visitor);
	}),
} satisfies Actions;
