/**
 * The consent step: which client asks, for what, and the person's yes or no. Everything but a clear yes is a no.
 */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { submitted } from '../answer.server';
import { leaveNote } from '../note.server';
import { interactionBase, visitOf } from './journey.server';
import { rememberClient } from './origin-client.server';
import { scopeLines, type ScopeLine } from './scope-words';

export interface ConsentPage {
	client: { name: string; website: string };
	/** The host that the person is sent to, as registered; for an app on the device, its scheme. */
	host: string;
	/** A program on this device receives the answer. */
	onDevice: boolean;
	lines: ScopeLine[];
	account: { name: string; detail: string };
}

export async function loadConsent(event: RequestEvent): Promise<ConsentPage> {
	const { locals } = event;
	const details = await locals.interactions.details(await visitOf(event));
	if (details.kind === 'login') redirect(303, interactionBase(event));
	if (event.url.searchParams.has('another')) return startOver(event);
	const current = await locals.currentUser();
	if (current?.user.id !== details.account.id)
		throw new Refusal('interaction/expired', { detail: 'another user is signed in' });
	const { client, account } = details;
	rememberClient(event, client.id);
	const { name } = await (await locals.app()).settings();
	const { user } = current;
	return {
		client: { name: client.name, website: client.website },
		host: client.destination,
		onDevice: client.onDevice,
		lines: scopeLines(
			details.scopes,
			{ app: name, name: user.name, username: user.username, email: user.email, phone: user.phone },
			locals.locale,
		),
		account: { name: account.name, detail: account.detail },
	};
}

/** The present sign-in stays until another account is proven. */
async function startOver(event: RequestEvent): Promise<never> {
	const { location } = await event.locals.interactions.startOver(await visitOf(event));
	leaveNote(event, { at: 'another' });
	redirect(303, location);
}

export function decide(event: RequestEvent) {
	return submitted(event, ['decision'], async ({ decision }) => {
		if (decision !== 'allow' && decision !== 'deny') throw new Refusal('input/invalid');
		const { location } = await event.locals.interactions.finishConsent(await visitOf(event), decision);
		redirect(303, location);
	});
}
