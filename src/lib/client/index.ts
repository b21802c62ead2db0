/**
 * The typed client of Menshen's API, published as `@menshen/client` (docs/api.md). For browsers and Node;
 * of this repository it takes types only.
 */
import { createTRPCClient, httpBatchLink, TRPCClientError, type TRPCClient } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '../server/trpc/app-router';
import { bearerOf, keepSession, type TokenOption } from './bearer';

export type { AppRouter };

/** Every procedure by name: `.query(input)` to read, `.mutate(input)` to change something. */
export type MenshenClient = TRPCClient<AppRouter>;
/** The inputs of procedures, by name: `MenshenInputs['auth']['signIn']`. */
export type MenshenInputs = inferRouterInputs<AppRouter>;
/** The outputs of procedures, by name: `MenshenOutputs['me']['get']`. */
export type MenshenOutputs = inferRouterOutputs<AppRouter>;

export interface MenshenClientOptions {
	/** The appliance's ORIGIN, e.g. `https://id.example.com`. */
	origin: string;
	/** The id of the app whose users it is about. */
	app: number;
	/**
	 * A bearer token: an access token with the scope `menshen.me`, or a session token of an earlier sign-in. A
	 * function is called before each request. Not needed on the appliance's own pages, nor to sign in from Node.
	 */
	token?: TokenOption;
	/** Used instead of the global `fetch`. */
	fetch?: typeof globalThis.fetch;
}

/** The most calls in one request; the appliance accepts no more. */
const mostCalls = 10;
const longestUrl = 4000;

/**
 * Outside browsers a sign-in is kept by the client itself and sent with what follows, until `auth.signOut`.
 * In a browser it is the appliance's cookie, on its own pages; pages elsewhere send an access token.
 * @example
 * const menshen = createMenshenClient({ origin: 'https://id.example.com', app: 4 });
 * await menshen.auth.signIn.mutate({ identifier: 'alice', password: 'correct-horse-battery' });
 * const me = await menshen.me.get.query();
 */
export function createMenshenClient(options: MenshenClientOptions): MenshenClient {
	const bearer = bearerOf(options.token);
	const isBrowser = typeof document !== 'undefined';
	return createTRPCClient<AppRouter>({
		links: [
			keepSession(bearer),
			httpBatchLink({
				url: `${new URL(options.origin).origin}/trpc`,
				maxItems: mostCalls,
				maxURLLength: longestUrl,
				...(options.fetch ? { fetch: options.fetch } : {}),
				headers: async () => {
					const token = await bearer.read();
					return {
						'menshen-app': String(options.app),
						...(isBrowser ? {} : { 'menshen-session': 'token' }),
						...(token ? { authorization: `Bearer ${token}` } : {}),
					};
				},
			}),
		],
	});
}

/** A refusal by the appliance: `code` for programs, `message` for people in the language they asked for. */
export interface MenshenRefusal {
	code: NonNullable<TRPCClientError<AppRouter>['data']>['code'];
	message: string;
	params: Readonly<Record<string, string | number>>;
	/** Which inputs are at fault. */
	fields: NonNullable<TRPCClientError<AppRouter>['data']>['fields'];
}

/** @returns undefined for an error that is not a refusal, e.g. a broken connection */
export function refusalOf(error: unknown): MenshenRefusal | undefined {
	const data = error instanceof TRPCClientError ? (error as TRPCClientError<AppRouter>).data : undefined;
	if (!data || !(error instanceof TRPCClientError)) return undefined;
	return { code: data.code, message: error.message, params: data.params, fields: data.fields };
}
