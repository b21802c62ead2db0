import { json } from '@sveltejs/kit';
import { beginCeremony } from '$lib/server/flows/passkeys/ceremony';
import { guarded } from '../../answer.server';
import { bindingOf } from '../journey.server';
import type { RequestHandler } from './$types';

/**
 * The challenge that a passkey has to sign, for the script of the sign-in page. The answer comes with the page's
 * form.
 */
export const POST: RequestHandler = (event) =>
	guarded(event, async () => {
		const browser = await bindingOf(event);
		return json(await beginCeremony(await event.locals.app(), { browser }, event.locals.visitor));
	});
