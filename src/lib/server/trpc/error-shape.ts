/**
 * From what a procedure throws to what the client gets: a code of the error table, in the reader's language, no
 * stack.
 */
import { TRPCError } from '@trpc/server';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import { z } from 'zod';
import { errors, Refusal, type ErrorCode } from '../../contract/errors';
import { errorText } from '../../i18n/error-text';
import type { Locale } from '../../i18n/locale';
import { toRefusal } from '../edge/outcome';
import type { Log } from '../runtime/log';
import type { ApiErrorShape } from './api-error';

/** Inputs at fault, by their path. */
function fieldsOf(error: z.core.$ZodError): Record<string, ErrorCode> {
	const names = error.issues.flatMap((issue) => {
		const path = issue.path.map(String);
		return issue.code === 'unrecognized_keys'
			? issue.keys.map((key) => [...path, key].join('.'))
			: [path.join('.')];
	});
	return Object.fromEntries(
		names.filter(Boolean).map((name) => [name.slice(0, 64), 'input/invalid' as const]),
	);
}

/** What tRPC itself refuses, before a procedure runs. */
const ownRefusals: Partial<Record<TRPCError['code'], ErrorCode>> = {
	NOT_FOUND: 'edge/not-found',
	BAD_REQUEST: 'input/invalid',
	PARSE_ERROR: 'input/invalid',
	METHOD_NOT_SUPPORTED: 'input/invalid',
	UNSUPPORTED_MEDIA_TYPE: 'input/invalid',
	PAYLOAD_TOO_LARGE: 'input/too-large',
};

/** The refusal behind any error; another error is a bug: it is logged, and answered as `server/unexpected`. */
export function explain(thrown: unknown, context: { log: Log; requestId: string }): Refusal {
	if (!(thrown instanceof TRPCError)) return toRefusal(thrown, context);
	const { cause } = thrown;
	if (cause instanceof Refusal) return toRefusal(cause, context);
	const code = ownRefusals[thrown.code];
	if (!code) return toRefusal(cause ?? thrown, context);
	return new Refusal(code, {
		fields: cause instanceof z.core.$ZodError ? fieldsOf(cause) : {},
		cause: thrown,
	});
}

export function shapeOf(
	refusal: Refusal,
	{ path, locale }: { path: string | undefined; locale: Locale },
): ApiErrorShape {
	const text = (code: ErrorCode) => errorText(code, refusal.params, locale);
	const fields = Object.entries(refusal.fields).map(
		([name, code]) => [name, { code, message: text(code) }] as const,
	);
	return {
		message: text(refusal.code),
		code: TRPC_ERROR_CODES_BY_KEY[errors[refusal.code].trpc],
		data: {
			code: refusal.code,
			httpStatus: refusal.status,
			...(path === undefined ? {} : { path }),
			params: refusal.params,
			fields: Object.fromEntries(fields),
		},
	};
}
