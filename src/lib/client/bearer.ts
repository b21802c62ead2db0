/** The bearer token that the client sends: given by the caller, or kept from a sign-in. */
import type { TRPCLink } from '@trpc/client';
import { tap } from '@trpc/server/observable';
import type { AppRouter } from '../server/trpc/app-router';

export type TokenOption = string | (() => string | undefined | Promise<string | undefined>);

export interface Bearer {
	read(): string | undefined | Promise<string | undefined>;
	/** Replaces the token; undefined: signed out. */
	keep(token: string | undefined): void;
}

export function bearerOf(given: TokenOption | undefined): Bearer {
	let kept = typeof given === 'string' ? given : undefined;
	return {
		// A caller that supplies tokens by a function stores them itself.
		read: () => (typeof given === 'function' ? given() : kept),
		keep: (token) => void (kept = token),
	};
}

/** The session token in an answer, if there is one. */
function sessionTokenIn(data: unknown): string | undefined {
	const { session } = (data ?? {}) as { session?: { token?: unknown } | null };
	return typeof session?.token === 'string' ? session.token : undefined;
}

/** Keeps the session that an answer brings, before the caller gets the answer. */
export function keepSession(bearer: Bearer): TRPCLink<AppRouter> {
	return () =>
		({ next, op }) =>
			next(op).pipe(
				tap({
					next({ result }) {
						const token = 'data' in result ? sessionTokenIn(result.data) : undefined;
						if (token) bearer.keep(token);
						else if (op.path === 'auth.signOut') bearer.keep(undefined);
					},
				}),
			);
}
