/** What happened, in words. An action that has none yet is shown as the log names it. */
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';

type Text = (inputs: Record<string, never>, options: { locale: Locale }) => string;

const texts: Readonly<Record<string, Text>> = {
	'app.create': m.console_event_app_create,
	'app.delete': m.console_event_app_delete,
	'app.update': m.console_event_app_update,
	'app.upload-logo': m.console_event_app_upload_logo,
	'appliance.claim': m.console_event_appliance_claim,
	'appliance.senders': m.console_event_appliance_senders,
	'client.create': m.console_event_client_create,
	'client.delete': m.console_event_client_delete,
	'client.update': m.console_event_client_update,
	'consent.allow': m.console_event_consent_allow,
	'consent.deny': m.console_event_consent_deny,
	'consent.revoke': m.console_event_consent_revoke,
	'key.rotate': m.console_event_key_rotate,
	'message.read': m.console_event_message_read,
	'operator.add': m.console_event_operator_add,
	'operator.remove': m.console_event_operator_remove,
	'operator.reset-password': m.console_event_operator_reset_password,
	'operator.sign-in': m.console_event_operator_sign_in,
	'operator.sign-out': m.console_event_operator_sign_out,
	'plugin.configure': m.console_event_plugin_configure,
	'plugin.test': m.console_event_plugin_test,
	'role.save': m.console_event_role_save,
	'token.reuse': m.console_event_token_reuse,
	'user.change-password': m.console_event_user_change_password,
	'user.create': m.console_event_user_create,
	'user.delete': m.console_event_user_delete,
	'user.end-session': m.console_event_user_end_session,
	'user.recover': m.console_event_user_recover,
	'user.recover-request': m.console_event_user_recover_request,
	'user.register': m.console_event_user_register,
	'user.set-password': m.console_event_user_set_password,
	'user.sign-in': m.console_event_user_sign_in,
	'user.sign-out': m.console_event_user_sign_out,
	'user.sign-out-everywhere': m.console_event_user_sign_out_everywhere,
	'user.update': m.console_event_user_update,
	'user.verify-email': m.console_event_user_verify_email,
};

/** Every action that has words, in the order of the alphabet. */
export const actions = Object.keys(texts);

export const actionText = (action: string, locale: Locale): string =>
	texts[action]?.({}, { locale }) ?? action;

export const outcomeText = (outcome: 'ok' | 'refused', locale: Locale): string =>
	outcome === 'ok' ? m.console_outcome_ok({}, { locale }) : m.console_outcome_refused({}, { locale });
