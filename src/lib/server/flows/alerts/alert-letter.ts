/**
 * What an alert says: what happened, since when, what to do next, and where in the console. It is written in both
 * languages, as the appliance has no language of its own. It holds ids only: an operators' mailbox is no place for
 * what users typed.
 */
import { locales, type Locale } from '../../../i18n/locale';
import { m } from '../../../i18n/paraglide/messages';
import type { Alert, AlertKind } from '../../domain/alerts';
import type { Letter } from '../messages/letter';

export interface AlertFacts {
	/** Absent in a test alert. */
	alert?: Alert;
	to: string;
	/** ORIGIN. */
	origin: string;
	/** Whether the plugin that it is about delivers messages, and so has its page elsewhere. */
	isSender?: boolean;
}

const texts = {
	'plugin-unhealthy': {
		subject: m.mail_alert_plugin_unhealthy_subject,
		text: m.mail_alert_plugin_unhealthy_text,
	},
	'plugin-recovered': {
		subject: m.mail_alert_plugin_recovered_subject,
		text: m.mail_alert_plugin_recovered_text,
	},
	'disk-full': { subject: m.mail_alert_disk_full_subject, text: m.mail_alert_disk_full_text },
	'disk-writable': { subject: m.mail_alert_disk_writable_subject, text: m.mail_alert_disk_writable_text },
	'passkey-copied': { subject: m.mail_alert_passkey_copied_subject, text: m.mail_alert_passkey_copied_text },
	'messages-undelivered': {
		subject: m.mail_alert_messages_undelivered_subject,
		text: m.mail_alert_messages_undelivered_text,
	},
	test: { subject: m.mail_alert_test_subject, text: m.mail_alert_test_text },
} as const satisfies Record<AlertKind | 'test', unknown>;

/** Where in the console the next step is taken. */
function pathOf({ alert, isSender }: AlertFacts): string {
	if (!alert) return '/admin/settings';
	const { kind, app, plugin, user } = alert;
	if (app === undefined) return plugin ? `/admin/plugins/${plugin}` : '/admin';
	const home = `/admin/apps/${app}`;
	if (kind === 'messages-undelivered') return `${home}/messages`;
	if (user) return `${home}/users/${user}`;
	return plugin ? `${home}/${isSender ? 'messages/senders' : 'connectors'}/${plugin}` : home;
}

/** To the minute, in UTC, which every reader can convert. */
const timeOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function valuesIn(facts: AlertFacts, locale: Locale) {
	const { alert, origin } = facts;
	const causes = { config: m.mail_alert_cause_config, unavailable: m.mail_alert_cause_unavailable };
	return {
		where:
			alert?.app === undefined
				? m.mail_alert_appliance({}, { locale })
				: m.mail_alert_app({ id: alert.app }, { locale }),
		plugin: alert?.plugin ?? '',
		user: alert?.user ?? '',
		since: alert ? timeOf(alert.since) : '',
		cause: causes[alert?.reason ?? 'unavailable']({}, { locale }),
		link: origin + pathOf(facts),
	};
}

export function alertLetter(facts: AlertFacts): Letter {
	const { subject, text } = texts[facts.alert?.kind ?? 'test'];
	const all = locales.map((locale) => {
		const values = valuesIn(facts, locale);
		const footer = m.mail_alert_footer({ settings: `${facts.origin}/admin/settings` }, { locale });
		return {
			subject: subject(values, { locale }),
			text: `${text(values, { locale })}\n\n${footer}`,
		};
	});
	const { host } = new URL(facts.origin);
	return {
		channel: 'email',
		purpose: 'alert',
		to: facts.to,
		subject: `[${host}] ${all.map((each) => each.subject).join(' / ')}`.slice(0, 200),
		text: all.map((each) => each.text).join('\n\n――――――\n\n'),
		params: {},
		locale: 'en',
	};
}
