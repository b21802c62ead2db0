import { errorText } from '$lib/i18n/error-text';
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import { Refusal } from '$lib/contract/errors';
import { canAlert } from '$lib/server/flows/alerts/alert-route';
import { sendTestAlert } from '$lib/server/flows/alerts/send-test-alert';
import { editApplianceMail, readApplianceMail } from '$lib/server/flows/messages/appliance-sender';
import { operatorAction, operatorLoad } from '$lib/server/edge/console-door';
import { listPlugins } from '../../parts/plugin-page.server';
import type { Actions, PageServerLoad } from './$types';

export const load = operatorLoad(async ({ services, operator, locale }) => {
	const [mail, plugins, carried] = await Promise.all([
		readApplianceMail(services),
		listPlugins(services.plugins.appliance, locale),
		canAlert(services),
	]);
	return {
		mail,
		/** ALERT_EMAIL, and whether a sender could carry an alert. */
		alerts: { fallback: services.alertEmail ?? '', carried },
		plugins: plugins.filter(({ kinds }) => kinds.includes('sender')),
		origin: services.origin,
		owner: operator.role === 'owner',
	};
}) satisfies PageServerLoad;

/** Shown beside the button, as no field is at fault. */
function whyNot({ code, params, fields }: Refusal, locale: Locale): string {
	if ('alertEmail' in fields) return m.console_alert_no_address({}, { locale });
	if (code === 'sender/not-configured') return m.console_alert_no_sender({}, { locale });
	return errorText(code, params, locale);
}

/** Owners only; the flows check this. */
export const actions = {
	save: operatorAction(async ({ services, form, actor, visitor }) => {
		const typed = {
			email: form.text('email'),
			sms: form.text('sms'),
			alertEmail: form.text('alertEmail').trim(),
		};
		await editApplianceMail(services, { drawn: form.drawn(), typed, actor }, visitor);
	}),
	testAlert: operatorAction(async ({ services, actor, visitor, locale }) => {
		try {
			const { sent, to, sender, detail } = await sendTestAlert(services, actor, visitor);
			const { name } = services.plugins.appliance.manifestOf(sender);
			const text = sent ? m.console_alert_sent({ sender: name[locale], to }, { locale }) : detail;
			return { testAlert: { sent, text } };
		} catch (error) {
			if (!(error instanceof Refusal) || error.code === 'auth/forbidden') throw error;
			return { testAlert: { sent: false, text: whyNot(error, locale) } };
		}
	}),
} satisfies Actions;
