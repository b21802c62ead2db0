/**
 * tRPC's HTTP format (https://trpc.io/docs/rpc, read 2026-11-20), spoken without Request and Response objects: with
 * tRPC's own fetch adapter `me.get` takes nearly twice as long (ADR 0012). An adapter would replace this file
 * alone; the package `trpc-sveltekit` can do so once it supports tRPC 11. There are no streams or subscriptions:
 * nothing outlives its request.
 */
import { callTRPCProcedure, getTRPCErrorShape, TRPCError } from '@trpc/server';
import { getHTTPStatusCode } from '@trpc/server/http';
import type { TRPCErrorResponse, TRPCSuccessResponse } from '@trpc/server/rpc';
import { errors } from '../../contract/errors';
import type { TrpcContext } from './context';
import { explain } from './error-shape';
import { appRouter } from './router';

/** The most calls in one request. */
export const mostCalls = 10;

export interface ApiRequest {
	/** A GET is a query, a POST a mutation. */
	type: 'query' | 'mutation';
	/** The procedures' names after `/trpc/`, separated by commas in a batch. */
	path: string;
	isBatch: boolean;
	/** JSON: the query parameter `input`, or the body. */
	input: string | null;
}

export interface ApiAnswer {
	status: number;
	/** JSON. */
	body: string;
}

type Reply = Omit<TRPCSuccessResponse<unknown>, 'id'> | Omit<TRPCErrorResponse, 'id'>;

export function replyToFailure(
	thrown: unknown,
	ctx: TrpcContext,
	call: { path?: string; type: ApiRequest['type'] },
): Reply {
	const refusal = explain(thrown, { log: ctx.appliance.log, requestId: ctx.requestId });
	const error = new TRPCError({ code: errors[refusal.code].trpc, cause: refusal });
	const config = appRouter._def._config;
	return {
		error: getTRPCErrorShape({ config, error, type: call.type, path: call.path, input: undefined, ctx }),
	};
}

/** The inputs of the calls in order; a missing one is undefined. @throws TRPCError PARSE_ERROR, BAD_REQUEST */
function readInputs(request: ApiRequest, count: number): unknown[] {
	if (!request.input) return new Array<unknown>(count).fill(undefined);
	let input: unknown;
	try {
		input = JSON.parse(request.input);
	} catch (cause) {
		throw new TRPCError({ code: 'PARSE_ERROR', cause });
	}
	if (!request.isBatch) return [input];
	if (typeof input !== 'object' || input === null) throw new TRPCError({ code: 'BAD_REQUEST' });
	const byIndex = input as Readonly<Record<number, unknown>>;
	return Array.from({ length: count }, (_, index) =>
		Object.hasOwn(byIndex, index) ? byIndex[index] : undefined,
	);
}

interface Call {
	path: string;
	type: ApiRequest['type'];
	input: unknown;
}

async function run({ path, type, input }: Call, batchIndex: number, ctx: TrpcContext): Promise<Reply> {
	try {
		const data: unknown = await callTRPCProcedure({
			router: appRouter,
			path,
			type,
			ctx,
			getRawInput: async () => input,
			signal: undefined,
			batchIndex,
		});
		return { result: { data } };
	} catch (thrown) {
		return replyToFailure(thrown, ctx, { path, type });
	}
}

/** Never rejects, whatever the request contains. */
export async function answerCalls(request: ApiRequest, ctx: TrpcContext): Promise<ApiAnswer> {
	const { type, isBatch } = request;
	const paths = isBatch ? request.path.split(',', mostCalls + 1) : [request.path];
	try {
		if (paths.length > mostCalls) throw new TRPCError({ code: 'BAD_REQUEST' });
		const inputs = readInputs(request, paths.length);
		const call = (path: string, index: number) => run({ path, type, input: inputs[index] }, index, ctx);
		return toAnswer(isBatch ? await Promise.all(paths.map(call)) : await call(request.path, 0));
	} catch (thrown) {
		return toAnswer(replyToFailure(thrown, ctx, { type }));
	}
}

export function toAnswer(replies: Reply | Reply[]): ApiAnswer {
	const status = Array.isArray(replies) || 'error' in replies ? getHTTPStatusCode(replies) : 200;
	return { status, body: JSON.stringify(replies) };
}
