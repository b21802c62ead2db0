/** Calls of the tRPC door over plain HTTP, and of the command line's socket: what any client could send. */
import { request } from 'node:http';
import { join } from 'node:path';
import type { RunningAppliance } from './appliance';

export interface ApiAnswer {
	status: number;
	data: unknown;
	/** Our own code where it was refused, e.g. `auth/invalid-credentials`. */
	code: string | undefined;
	cookies: string[];
}

interface ApiRequest {
	origin: string;
	app?: number;
	headers?: Record<string, string>;
}

interface Body {
	result?: { data?: unknown };
	error?: { data?: { code?: string } };
}

export async function callApi(to: ApiRequest, procedure: string, input?: unknown): Promise<ApiAnswer> {
	const isQuery = /\.(get|list|form|me)$/.test(procedure);
	const url = `${to.origin}/trpc/${procedure}${isQuery && input !== undefined ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`;
	const answer = await fetch(url, {
		method: isQuery ? 'GET' : 'POST',
		headers: { ...(isQuery ? {} : { 'content-type': 'application/json' }), ...(to.app ? { 'menshen-app': String(to.app) } : {}), ...to.headers },
		...(isQuery ? {} : { body: JSON.stringify(input ?? {}) }),
	});
	const body = (await answer.json().catch(() => ({}))) as Body;
	return {
		status: answer.status,
		data: body.result?.data,
		code: body.error?.data?.code,
		cookies: answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? ''),
	};
}

interface SocketAnswer {
	ok: boolean;
	result?: unknown;
	code?: string;
}

/** Any procedure as the owner, over the socket. @throws Error with the refusal's code */
export async function callAsOwner<T>(appliance: Pick<RunningAppliance, 'dataDir'>, procedure: string, input?: unknown): Promise<T> {
	const answer = await new Promise<SocketAnswer>((resolve, reject) => {
		const call = request({ socketPath: join(appliance.dataDir, 'menshen.sock'), path: '/', method: 'POST' }, (response) => {
			let text = '';
			response.on('data', (chunk: Buffer) => (text += chunk.toString()));
			response.on('end', () => resolve(JSON.parse(text) as SocketAnswer));
		});
		call.on('error', reject);
		call.end(JSON.stringify({ procedure, input }));
	});
	if (!answer.ok) throw new Error(answer.code ?? 'refused');
	return answer.result as T;
}
