/** Texts for a message's purpose and state. */
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import type { MessageView } from '$lib/server/flows/messages/read-messages';
import type { Tone } from '$lib/ui/console/types';

type Text = (inputs: Record<string, never>, options: { locale: Locale }) => string;

const purposes: Readonly<Record<string, Text>> = {
	recover: m.console_purpose_recover,
	register: m.console_purpose_register,
	'verify-email': m.console_purpose_verify_email,
	'password-changed': m.console_purpose_password_changed,
	'account-taken-back': m.console_purpose_account_taken_back,
	'already-registered': m.console_purpose_already_registered,
	'change-email': m.console_purpose_change_email,
	'email-changed': m.console_purpose_email_changed,
	'email-in-use': m.console_purpose_email_in_use,
	'change-phone': m.console_purpose_change_phone,
	'phone-changed': m.console_purpose_phone_changed,
	'email-removed': m.console_purpose_email_removed,
	'phone-removed': m.console_purpose_phone_removed,
	'way-in-added': m.console_purpose_way_in_added,
	'way-in-removed': m.console_purpose_way_in_removed,
	'sign-in': m.console_purpose_sign_in,
	welcome: m.console_purpose_welcome,
};

/** A purpose without a text yet is shown by its id. */
export const purposeText = (purpose: string, locale: Locale): string =>
	purposes[purpose]?.({}, { locale }) ?? purpose;

const states: Readonly<Record<MessageView['status'], readonly [Tone, Text]>> = {
	queued: ['warning', m.console_message_queued],
	sending: ['warning', m.console_message_sending],
	held: ['accent', m.console_message_held],
	delivered: ['success', m.console_message_delivered],
	failed: ['danger', m.console_message_failed],
	uncertain: ['warning', m.console_message_uncertain],
	expired: ['neutral', m.console_message_expired],
};

export function statusOf(status: MessageView['status'], locale: Locale): { tone: Tone; text: string } {
	const [tone, text] = states[status];
	return { tone, text: text({}, { locale }) };
}
