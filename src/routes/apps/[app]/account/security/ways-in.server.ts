/** One's own ways in: accounts elsewhere and passkeys, as their owner sees and changes them. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import {
	addPasskey,
	beginLinking,
	beginPasskey,
	listOwnWaysIn,
	removeOwnPasskey,
	renamePasskey,
	unlinkOwn,
	type OwnIdentity,
	type OwnPasskey,
} from '$lib/server/flows/account/change-ways-in';
import { beginLinkingByScan } from '$lib/server/flows/account/link-by-scan';
import { guestConnector } from '$lib/server/flows/external/guests';
import type { CurrentUser } from '$lib/server/flows/account/current-user';
import { insideOf, listMethods, wayOfConnector } from '$lib/server/flows/sign-in/list-methods';
import { bindingOf, presentBinding } from '../../(pages)/journey.server';
import { readCredential } from '../../(pages)/read-credential';
import { submitted } from '../../answer.server';
import { leaveNote } from '../../note.server';
import { requireUser } from '../owner.server';

export interface LinkedAccount extends OwnIdentity {
	/** How the vendor is called here. */
	vendor: string;
	icon: string;
}

export interface WaysIn {
	linked: LinkedAccount[];
	/** What can be linked. */
	linkable: { id: string; name: string; icon: string; asks: string | undefined }[];
	passkeys: OwnPasskey[];
	/** The connector by which a passkey can be added; absent where none is on. */
	passkeyMaker: string | undefined;
}

export async function loadWaysIn(event: RequestEvent, { user }: CurrentUser): Promise<WaysIn> {
	const app = await event.locals.app();
	const plugins = await app.plugins.list(event.locals.locale);
	const methods = await listMethods(app, event.locals.visitor);
	const { identities, passkeys } = await listOwnWaysIn(app, user.id);
	const linked = identities
		.filter(({ connector }) => connector !== guestConnector)
		.map((identity) => {
			const plugin = plugins.find(({ id }) => id === identity.connector);
			return { ...identity, vendor: plugin?.name ?? identity.connector, icon: plugin?.icon ?? '' };
		});
	return {
		linked,
		linkable: methods

			.filter(
				({ way, id }) =>
					(way === 'redirect' || way === 'scan') && !linked.some(({ connector }) => connector === id),
			)
			.map(({ id, name, icon, asks }) => ({ id, name, icon, asks })),
		passkeys,
		passkeyMaker: methods.find(({ way }) => way === 'passkey')?.id,
	};
}

const here = ({ params }: RequestEvent): string => `/apps/${params['app'] ?? ''}/account/security`;

export const waysInActions = {
	link: (event: RequestEvent) =>
		submitted(event, ['connector', 'identifier', 'password', 'step'], async (typed) => {
			const owner = { ...(await requireUser(event)), password: typed.password };
			const { visitor } = event.locals;
			const app = await event.locals.app();
			const { connector } = typed;
			if (wayOfConnector(app, connector) === 'scan') {
				const { secret } = await beginLinkingByScan(app, { owner, connector }, visitor);
				leaveNote(event, { at: 'scan', connector, secret, links: true });
				redirect(303, `${here(event)}/scan`);
			}
			const order = {
				connector,
				browser: await bindingOf(event),
				back: here(event),
				hint: typed.identifier || undefined,
				inside: insideOf(visitor),
			};
			redirect(303, await beginLinking(app, { owner, order }, visitor));
		}),
	unlink: (event: RequestEvent) =>
		submitted(event, ['identityId', 'password'], async ({ identityId, password }) => {
			const owner = { ...(await requireUser(event)), password };
			await unlinkOwn(await event.locals.app(), { owner, id: identityId }, event.locals.visitor);
			return { done: 'unlinked' as const };
		}),
	beginPasskey: (event: RequestEvent) =>
		submitted(event, ['connector', 'password', 'ceremony', 'name'], async ({ connector, password }) => {
			const owner = { ...(await requireUser(event)), password };
			const order = { owner, connector, browser: await bindingOf(event) };
			const begun = await beginPasskey(await event.locals.app(), order, event.locals.visitor);
			return { done: 'passkey-begun' as const, begun };
		}),
	addPasskey: (event: RequestEvent) =>
		submitted(event, ['ceremony', 'response', 'name'], async ({ ceremony, response, name }) => {
			const { user, session } = await requireUser(event);
			const browser = await presentBinding(event);
			const added = { user, session, name, ceremony, response: readCredential(response), browser };
			await addPasskey(await event.locals.app(), added, event.locals.visitor);
			return { done: 'passkey-added' as const };
		}),
	renamePasskey: (event: RequestEvent) =>
		submitted(event, ['passkeyId', 'name'], async ({ passkeyId, name }) => {
			const { user } = await requireUser(event);
			await renamePasskey(await event.locals.app(), { user, id: passkeyId, name });
			return { done: 'passkey-renamed' as const };
		}),
	removePasskey: (event: RequestEvent) =>
		submitted(event, ['passkeyId', 'password'], async ({ passkeyId, password }) => {
			const owner = { ...(await requireUser(event)), password };
			await removeOwnPasskey(await event.locals.app(), { owner, id: passkeyId }, event.locals.visitor);
			return { done: 'passkey-removed' as const };
		}),
};
