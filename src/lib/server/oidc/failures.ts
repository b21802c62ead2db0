/** A failure outside of the engine's own error handling, as an answer that OAuth clients understand. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { errors as codes, Refusal } from '../../contract/errors';
import type { Log } from '../runtime/log';

interface OAuthAnswer {
	status: number;
	body: { error: string; error_description: string };
}

function answerOf(error: unknown): OAuthAnswer {
	if (error instanceof errors.OIDCProviderError && error.expose)
		return {
			status: error.statusCode,
			body: { error: error.error, error_description: error.error_description ?? error.error },
		};
	if (error instanceof Refusal)
		return { status: error.status, body: { error: codes[error.code].oauth, error_description: error.code } };
	return { status: 500, body: { error: 'server_error', error_description: 'server/unexpected' } };
}

/** Nothing of the engine's intended answer may be sent: the data it relies on was not written. */
export function answerFailure(ctx: KoaContextWithOIDC, error: unknown, log: Log): void {
	const { status, body } = answerOf(error);
	if (status >= 500) log.error({ err: error, path: ctx.path }, 'the engine could not answer');
	for (const name of ['Set-Cookie', 'Location']) ctx.remove(name);
	ctx.set('Cache-Control', 'no-store');
	ctx.status = status;
	ctx.body = body;
}
