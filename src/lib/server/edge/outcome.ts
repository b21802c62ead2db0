/** Translates what flows throw into answers of pages and the API, in this file only. */
import { fail, isActionFailure, isHttpError, isRedirect, type ActionFailure } from '@sveltejs/kit';
import { Refusal, type ErrorCode, type RefusalParams } from '../../contract/errors';
import { errorText } from '../../i18n/error-text';
import type { Locale } from '../../i18n/locale';
import type { Log } from '../runtime/log';

/** What a page shows of a refusal. */
export interface Problem {
	code: ErrorCode;
	/** In the reader's language; says what to do next. */
	message: string;
	/** Text per form field at fault. */
	fields: Readonly<Record<string, string>>;
}

/** A refusal as it is; anything else is a bug: it is logged, and shown as `server/unexpected`. */
export function toRefusal(error: unknown, context: { log: Log; requestId: string }): Refusal {
	if (error instanceof Refusal) {
		if (error.status >= 500)
			context.log.error({ err: error.cause ?? error, code: error.code, detail: error.detail }, 'refused');
		else context.log.debug({ code: error.code, detail: error.detail }, 'refused');
		return error;
	}
	context.log.error({ err: error }, 'unexpected');
	return new Refusal('server/unexpected', { params: { requestId: context.requestId }, cause: error });
}

export function problemOf(refusal: Refusal, locale: Locale): Problem {
	const text = (code: ErrorCode, params: RefusalParams) => errorText(code, params, locale);
	const fields = Object.entries(refusal.fields).map(
		([field, code]) => [field, text(code, refusal.params)] as const,
	);
	return {
		code: refusal.code,
		message: text(refusal.code, refusal.params),
		fields: Object.fromEntries(fields),
	};
}

/** What the form gets back besides the problem: values typed, never passwords or codes. */
export type FormValues = Readonly<Record<string, string>>;

/**
 * Runs the work of a form action. A refusal becomes `fail(status, { problem, values })`; redirects pass.
 */
export async function answerForm<T>(
	locals: App.Locals,
	values: FormValues,
	work: () => Promise<T>,
): Promise<T | ActionFailure<{ problem: Problem; values: FormValues }>> {
	try {
		return await work();
	} catch (error) {
		if (isRedirect(error) || isHttpError(error) || isActionFailure(error)) throw error;
		const refusal = toRefusal(error, { log: locals.appliance.log, requestId: locals.requestId });
		return fail(refusal.status, { problem: problemOf(refusal, locals.locale), values });
	}
}
