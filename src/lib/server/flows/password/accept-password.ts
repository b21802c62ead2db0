import type { AppSettings } from '../../../contract/app-settings';
import { Refusal } from '../../../contract/errors';
import { judgePassword, longestPassword } from '../../domain/password-policy';

/**
 * @param context the user's identifiers and the app's name, which a password must not consist of
 * @throws Refusal password/*, with the field it is about
 */
export async function acceptPassword(
	password: string,
	rules: Pick<AppSettings, 'passwordMinLength'>,
	options: { context: readonly (string | null | undefined)[]; field?: 'password' | 'newPassword' },
): Promise<void> {
	// Megabytes of words, which an idle appliance does without.
	const { isCommonPassword } = await import('./common-passwords');
	const verdict = judgePassword(password, {
		minLength: rules.passwordMinLength,
		maxLength: longestPassword,
		isCommon: isCommonPassword,
		context: options.context.filter((word): word is string => Boolean(word)),
	});
	if (!verdict.ok)
		throw new Refusal(verdict.code, {
			params: verdict.params,
			fields: { [options.field ?? 'password']: verdict.code },
		});
}
