/** The one place that sets tRPC up. */
import { initTRPC } from '@trpc/server';
import { Refusal } from '../../contract/errors';
import type { TrpcContext } from './context';
import type { ApiErrorShape } from './api-error';
import { shapeOf } from './error-shape';

export const trpc = initTRPC.context<TrpcContext>().create({
	// A stack never leaves the server, whatever NODE_ENV says.
	isDev: false,
	// The doors explain what was thrown before it gets here (answer.ts); what was not explained stays private.
	errorFormatter: ({ error, path, ctx }): ApiErrorShape =>
		shapeOf(error.cause instanceof Refusal ? error.cause : new Refusal('server/unexpected'), {
			path,
			locale: ctx?.locale() ?? 'en',
		}),
});
