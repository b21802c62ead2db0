import { editApp } from '$lib/server/flows/apps/edit-app';
import { readApplianceMail } from '$lib/server/flows/messages/appliance-sender';
import { listMessages } from '$lib/server/flows/messages/read-messages';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { listPlugins } from '../../../../parts/plugin-page.server';
import { keyIn, pageSize } from '../../../../parts/query';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, app: openApp, url, locale, operator }) => {
	const app = await openApp();
	const troubled = url.searchParams.get('show') === 'failed';
	const [found, plugins, { senders }, inherited] = await Promise.all([
		listMessages(app, { before: keyIn(url), limit: pageSize + 1, troubled }),
		listPlugins(app.plugins, locale),
		app.settings(),
		readApplianceMail(services),
	]);
	const messages = found.slice(0, pageSize);
	return {
		messages,
		troubled,
		next: found.length > pageSize ? messages.at(-1)?.createdAt : undefined,
		plugins: plugins.filter(({ kinds }) => kinds.includes('sender')),
		senders,
		inherited: { email: inherited.email, sms: inherited.sms },
		owner: operator.role === 'owner',
	};
}) satisfies PageServerLoad;

export const actions = {
	save: operatorAction(async ({ services, app, form, actor, visitor }) => {
		const senders = { email: form.text('email'), sms: form.text('sms') };
		const drawn = { senders: form.drawn() };
		await editApp(services, { id: (await app()).id, drawn, typed: { senders }, actor }, visitor);
	}),
} satisfies Actions;
