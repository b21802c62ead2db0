import { redirect } from '@sveltejs/kit';
import { createApp } from '$lib/server/flows/apps/manage-apps';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async () => ({})) satisfies PageServerLoad;

export const actions = {
	default: operatorAction(async ({ services, actor, visitor, form }) => {
		const settings = { name: form.text('name'), website: form.text('website').trim() };
		const { id } = await createApp(services, { input: { id: form.integer('id'), settings }, actor }, visitor);
		redirect(303, `/admin/apps/${id}`);
	}),
} satisfies Actions;
