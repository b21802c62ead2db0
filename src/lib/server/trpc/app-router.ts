/**
 * The API as a type, for the published client. Made from the list alone, so that its declarations contain the
 * procedures' inputs and outputs and nothing else of the server.
 */
import type { TRPCBuiltRouter, TRPCDecorateCreateRouterOptions } from '@trpc/server';
import type { ApiErrorShape } from './api-error';
import type { procedures } from './procedures';

interface PublishedTypes {
	ctx: object;
	meta: object;
	errorShape: ApiErrorShape;
	transformer: false;
}

export type AppRouter = TRPCBuiltRouter<PublishedTypes, TRPCDecorateCreateRouterOptions<typeof procedures>>;
