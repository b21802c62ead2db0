/** Calls of the API over plain HTTP: what any client could send. */
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
		headers: {
			...(isQuery ? {} : { 'content-type': 'application/json' }),
			...(to.app ? { 'menshen-app': String(to.app) } : {}),
			...to.headers,
		},
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
