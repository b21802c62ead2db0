/** Texts for security events. An action without a text yet is shown by its id. */
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
	'appliance.test-alert': m.console_event_appliance_test_alert,
	'client.authenticate': m.console_event_client_authenticate,
	'client.create': m.console_event_client_create,
	'client.delete': m.console_event_client_delete,
	'client.rotate-secret': m.console_event_client_rotate_secret,
	'client.update': m.console_event_client_update,
	'consent.allow': m.console_event_consent_allow,
	'consent.deny': m.console_event_consent_deny,
	'consent.revoke': m.console_event_consent_revoke,
	'key.rotate': m.console_event_key_rotate,
	'limit.reached': m.console_event_limit_reached,
	'message.read': m.console_event_message_read,
	'message.test': m.console_event_message_test,
	'operator.add': m.console_event_operator_add,
	'operator.change-password': m.console_event_operator_change_password,
	'operator.remove': m.console_event_operator_remove,
	'operator.reset-password': m.console_event_operator_reset_password,
	'operator.sign-in': m.console_event_operator_sign_in,
	'operator.sign-out': m.console_event_operator_sign_out,
	'plugin.allow': m.console_event_plugin_allow,
	'plugin.configure': m.console_event_plugin_configure,
	'plugin.move': m.console_event_plugin_move,
	'plugin.test': m.console_event_plugin_test,
	'plugin.withdraw': m.console_event_plugin_withdraw,
	'role.delete': m.console_event_role_delete,
	'role.save': m.console_event_role_save,
	'token.reuse': m.console_event_token_reuse,
	'user.add-passkey': m.console_event_user_add_passkey,
	'user.change-email': m.console_event_user_change_email,
	'user.change-password': m.console_event_user_change_password,
	'user.change-phone': m.console_event_user_change_phone,
	'user.code-request': m.console_event_user_code_request,
	'user.create': m.console_event_user_create,
	'user.delete': m.console_event_user_delete,
	'user.end-session': m.console_event_user_end_session,
	'user.link': m.console_event_user_link,
	'user.merge': m.console_event_user_merge,
	'user.passkey-report': m.console_event_user_passkey_report,
	'user.prove': m.console_event_user_prove,
	'user.recover': m.console_event_user_recover,
	'user.recover-request': m.console_event_user_recover_request,
	'user.register': m.console_event_user_register,
	'user.remove-email': m.console_event_user_remove_email,
	'user.remove-passkey': m.console_event_user_remove_passkey,
	'user.remove-phone': m.console_event_user_remove_phone,
	'user.scan-confirm': m.console_event_user_scan_confirm,
	'user.set-password': m.console_event_user_set_password,
	'user.sign-in': m.console_event_user_sign_in,
	'user.sign-out': m.console_event_user_sign_out,
	'user.sign-out-everywhere': m.console_event_user_sign_out_everywhere,
	'user.undo-merge': m.console_event_user_undo_merge,
	'user.unlink': m.console_event_user_unlink,
	'user.update': m.console_event_user_update,
	'user.upgrade-guest': m.console_event_user_upgrade_guest,
	'user.verify-email': m.console_event_user_verify_email,
};

/** Every action that has a text, in alphabetical order. */
export const actions = Object.keys(texts);

export const actionText = (action: string, locale: Locale): string =>
	texts[action]?.({}, { locale }) ?? action;

export const outcomeText = (outcome: 'ok' | 'refused', locale: Locale): string =>
	outcome === 'ok' ? m.console_outcome_ok({}, { locale }) : m.console_outcome_refused({}, { locale });
