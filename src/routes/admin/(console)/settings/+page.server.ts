import { readApplianceMail, saveApplianceMail } from '$lib/server/flows/messages/appliance-sender';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { listPlugins } from '../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, operator, locale }) => {
	const [mail, plugins] = await Promise.all([
		readApplianceMail(services),
		listPlugins(services.plugins.appliance, locale),
	]);
	return {
		mail,
		plugins: plugins.filter(({ kinds }) => kinds.includes('sender')),
		origin: services.origin,
		owner: operator.role === 'owner',
	};
}) satisfies PageServerLoad;

/** Owners only: the flow asks. */
export const actions = {
	save: operatorAction(async ({ services, form, actor, visitor }) => {
		const change = {
			email: form.text('email'),
			sms: form.text('sms'),
			alertEmail: form.text('alertEmail').trim(),
		};
		await saveApplianceMail(services, { change, actor }, visitor);
	}),
} satisfies Actions;
