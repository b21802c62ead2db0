/** Calls of the Graph API: the meaning of its errors, and the proof that a call is the app's own. */
import { createHmac } from 'node:crypto';
import {
	jsonOf,
	PluginFailure,
	textOf,
	type FailureReason,
	type HttpReply,
	type PluginContext,
} from '@menshen/plugin-kit';
import type { z } from 'zod';
import { errorReply } from './replies';

type GraphError = z.output<typeof errorReply>['error'];

/** Codes of the app's settings, and of a Graph API that is busy or broken. All others concern the code or token. */
const config = new Set([3, 10, 101, 191, 200]);
const busy = new Set([1, 2, 4, 17, 32, 341, 613]);
const wrongRedirect = 36008;

function reasonOf({ code, error_subcode: subcode, message }: GraphError): FailureReason {
	// Two faults of the settings hide behind codes of a wider meaning.
	if (/client secret|appsecret_proof/i.test(message) || subcode === wrongRedirect) return 'config';
	if (config.has(code)) return 'config';
	return busy.has(code) ? 'unavailable' : 'refused';
}

function errorOf(reply: HttpReply): GraphError | undefined {
	try {
		return errorReply.safeParse(JSON.parse(textOf(reply))).data?.error;
	} catch {
		return undefined;
	}
}

/** @throws {PluginFailure} what Facebook's error means; `unavailable` for anything unreadable */
export async function ask<T>(
	{ http }: Pick<PluginContext, 'http'>,
	call: { path: string; query: Readonly<Record<string, string>> },
	schema: z.ZodType<T>,
): Promise<T> {
	const reply = await http('graph', call);
	const error = errorOf(reply);
	if (error) {
		const number = [error.code, error.error_subcode].filter((each) => each !== undefined).join('/');
		throw new PluginFailure(reasonOf(error), `${call.path} answered error ${number}`);
	}
	if (reply.status !== 200)
		throw new PluginFailure('unavailable', `${call.path} answered HTTP ${reply.status}`);
	return jsonOf(reply, schema);
}

/** Shows that the caller with this token knows the app's secret: a stolen token alone is worth nothing. */
export const proofOf = (token: string, secret: string): string =>
	createHmac('sha256', secret).update(token).digest('hex');
