/** The only place that sets tRPC up. */
import { initTRPC } from '@trpc/server';
import { Refusal } from '../../contract/errors';
import type { TrpcContext } from './context';
import type { ApiErrorShape } from './api-error';
import { shapeOf } from './error-shape';

export const trpc = initTRPC.context<TrpcContext>().create({
	// A stack never leaves the server, whatever NODE_ENV says.
	isDev: false,
	// Errors are explained before they get here (answer.ts); others stay private.
	errorFormatter: ({ error, path, ctx }): ApiErrorShape =>
		shapeOf(error.cause instanceof Refusal ? error.cause : new Refusal('server/unexpected'), {
			path,
			locale: ctx?.locale() ?? 'en',
		}),
});
