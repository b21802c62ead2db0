/**
 * Which client sent this browser here last. An expired interaction no longer shows it; with this its page can still
 * offer a way back. Only the client's id is kept: name and address come from what the operator registered.
 */
import type { RequestEvent } from '@sveltejs/kit';
import { findWayBack, type WayBack } from '$lib/server/flows/clients/find-way-back';

const hour = 60 * 60;

function cookieOf(event: RequestEvent): { name: string; secure: boolean } {
	const secure = event.locals.appliance.origin.startsWith('https:');
	return { name: `${secure ? '__Host-' : ''}menshen-from-${event.params['app'] ?? ''}`, secure };
}

export function rememberClient(event: RequestEvent, clientId: string): void {
	const { name, secure } = cookieOf(event);
	if (event.cookies.get(name) === clientId) return;
	event.cookies.set(name, clientId, {
		path: '/',
		httpOnly: true,
		secure,
		sameSite: 'lax',
		maxAge: 12 * hour,
	});
}

/** The client's own site, where the person can start again. */
export async function originClient(event: RequestEvent): Promise<WayBack | undefined> {
	return findWayBack(await event.locals.app(), event.cookies.get(cookieOf(event).name) ?? '');
}
