/** The person whose account this is. Everything in the account centre begins here, loads and actions alike. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import type { CurrentUser } from '$lib/server/flows/account/current-user';

/** Strangers are sent through sign-in and come back to where they wanted to go. */
export async function requireUser({ locals, url, params }: RequestEvent): Promise<CurrentUser> {
	const current = await locals.currentUser();
	if (current) return current;
	const query = [...url.searchParams].filter(([name]) => !name.startsWith('/'));
	const next = url.pathname + (query.length > 0 ? `?${new URLSearchParams(query).toString()}` : '');
	redirect(303, `/apps/${params['app'] ?? ''}/sign-in?next=${encodeURIComponent(next)}`);
}
