/** The return from a vendor: an authenticated person goes on where they began; any failure is shown there. */
import type { RequestEvent } from '@sveltejs/kit';
import { Refusal } from '$lib/contract/errors';
import { linkReturned } from '$lib/server/flows/account/change-ways-in';
import { enterExternal, type Arrived } from '$lib/server/flows/external/enter-external';
import { takePosted } from '$lib/server/flows/external/posted';
import { closeReturn, finishRedirect, type Returned } from '$lib/server/flows/external/redirect';
import { leaveNote } from '../note.server';
import { enter, presentBinding, presentSession, resumed } from './journey.server';

/** Longer than any vendor's answer. */
const mostBytes = 16 * 1024;

async function queryOf(event: RequestEvent, connector: string): Promise<Record<string, string>> {
	const { searchParams, search } = event.url;
	if (search.length > mostBytes) throw new Refusal('input/too-large');
	const id = searchParams.get('posted');
	if (id !== null) return takePosted(await event.locals.app(), { connector, id: id.slice(0, 128) });
	return Object.fromEntries(searchParams);
}

/** @returns where the account centre shows it */
async function link(event: RequestEvent, arrived: Arrived, returned: Returned): Promise<string> {
	const current = await event.locals.currentUser();
	// A user who signed in meanwhile did not ask for it.
	if (!current || current.user.id !== returned.link) throw new Refusal('interaction/not-yours');
	const { connector } = arrived;
	await linkReturned(await event.locals.app(), { ...current, arrived }, event.locals.visitor);
	leaveNote(event, { at: 'told', connector, what: 'linked' });
	return returned.back;
}

async function signIn(event: RequestEvent, arrived: Arrived, { back }: Returned): Promise<never> {
	const { connector } = arrived;
	const journey = resumed(event, back);
	const entered = await enterExternal(
		await event.locals.app(),
		{ ...arrived, replaces: await presentSession(event) },
		event.locals.visitor,
	);
	return enter(event, journey, { entered, connector });
}

/**
 * @returns where the browser goes @throws Refusal interaction/expired, interaction/not-yours; redirects where the
 * person gets signed in
 */
export async function returnFromVendor(event: RequestEvent, connector: string): Promise<string> {
	const app = await event.locals.app();
	const query = await queryOf(event, connector);
	const input = { connector, query, browser: await presentBinding(event) };
	const returned = await finishRedirect(app, input, event.locals.visitor);
	const { outcome, back } = returned;
	try {
		if ('refusal' in outcome) throw outcome.refusal;
		if (returned.link === undefined) return await signIn(event, outcome.arrived, returned);
		return await link(event, outcome.arrived, returned);
	} catch (thrown) {
		if (!(thrown instanceof Refusal)) throw thrown;
		if ('arrived' in outcome) await closeReturn(app, returned);
		if (thrown.code.startsWith('interaction/')) throw thrown;
		leaveNote(event, { at: 'told', connector, what: thrown.code });
		return back;
	}
}
