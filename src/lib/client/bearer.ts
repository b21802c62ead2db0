/** The proof that the client sends along: given from outside, or kept from a sign-in. */
import type { TRPCLink } from '@trpc/client';
import { tap } from '@trpc/server/observable';
import type { AppRouter } from '../server/trpc/app-router';

export type TokenOption = string | (() => string | undefined | Promise<string | undefined>);

export interface Bearer {
	read(): string | undefined | Promise<string | undefined>;
	/** Takes the place of the one before; undefined: signed out. */
	keep(token: string | undefined): void;
}

export function bearerOf(given: TokenOption | undefined): Bearer {
	let kept = typeof given === 'string' ? given : undefined;
	return {
		// Who hands out tokens by a function keeps them as well.
		read: () => (typeof given === 'function' ? given() : kept),
		keep: (token) => void (kept = token),
	};
}

/** The session token in an answer, where the appliance put one. */
function sessionTokenIn(data: unknown): string | undefined {
	const { session } = (data ?? {}) as { session?: { token?: unknown } | null };
	return typeof session?.token === 'string' ? session.token : undefined;
}

/** Keeps the session that an answer brings, before whoever waits for the answer sees it. */
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
