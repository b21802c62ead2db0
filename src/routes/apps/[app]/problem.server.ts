/** What a page shows of a refusal: the text of the error table, made more helpful where the page knows more. */
import type { ErrorCode, Refusal, RefusalParams } from '$lib/contract/errors';
import { errorText } from '$lib/i18n/error-text';
import type { Locale } from '$lib/i18n/locale';
import { m } from '$lib/i18n/paraglide/messages';
import type { Problem } from '$lib/server/edge/outcome';

type Text = (inputs: object, options: { locale: Locale }) => string;

const badField: Readonly<Record<string, Text>> = {
	username: m.pages_problem_username,
	email: m.pages_problem_email,
	identifier: m.pages_problem_identifier,
	phone: m.pages_problem_phone,
	name: m.pages_problem_name,
};

/** Errors about the operator's set-up are of no use to the people who sign in. */
const plainWords: Partial<Record<ErrorCode, Text>> = {
	'sender/not-configured': m.pages_problem_mail_unavailable,
	'plugin/outbox-not-allowed': m.pages_problem_mail_unavailable,
};

function textOf(code: ErrorCode, params: RefusalParams, locale: Locale): string {
	const seconds = Number(params['seconds']);
	if (code === 'auth/too-many-attempts' && seconds > 90)
		return m.pages_problem_wait_minutes({ minutes: Math.ceil(seconds / 60) }, { locale });
	return plainWords[code]?.({}, { locale }) ?? errorText(code, params, locale);
}

function fieldText([field, code]: [string, ErrorCode], params: RefusalParams, locale: Locale): string {
	const specific = code === 'input/invalid' ? badField[field] : undefined;
	if (specific) return specific({}, { locale });
	if (code === 'auth/not-accepted') return m.pages_problem_asked({}, { locale });
	if (code === 'auth/invalid-credentials') return m.pages_problem_current_password({}, { locale });
	if (code === 'input/too-large') return m.pages_problem_too_long({}, { locale });
	return textOf(code, params, locale);
}

/** Where a field is at fault the page's notice points there, and the field says what is wrong. */
export function pageProblem(refusal: Refusal, locale: Locale): Problem {
	const fields = Object.entries(refusal.fields).map(
		(entry) => [entry[0], fieldText(entry, refusal.params, locale)] as const,
	);
	const message =
		fields.length > 0 ? m.pages_check_marked({}, { locale }) : textOf(refusal.code, refusal.params, locale);
	return { code: refusal.code, message, fields: Object.fromEntries(fields) };
}
