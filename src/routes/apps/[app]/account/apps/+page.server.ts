import { listConsents, revokeConsent } from '$lib/server/flows/account/consents';
import { scopeLines } from '../../(pages)/scope-words';
import { guarded, submitted } from '../../answer.server';
import { requireUser } from '../owner.server';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const app = await event.locals.app();
		const { user } = await requireUser(event);
		const { name } = await app.settings();
		const facts = {
			app: name,
			name: user.name,
			username: user.username,
			email: user.email,
			phone: user.phone,
		};
		const consents = await listConsents(app, user.id);
		return {
			consents: consents.map(({ clientId, clientName, scopes, createdAt }) => ({
				clientId,
				clientName,
				createdAt,
				may: scopeLines(scopes, facts, event.locals.locale).map((line) => line.title),
			})),
		};
	});

export const actions: Actions = {
	revoke: (event) =>
		submitted(event, ['clientId'], async ({ clientId }) => {
			const { user } = await requireUser(event);
			await revokeConsent(await event.locals.app(), { userId: user.id, clientId }, event.locals.visitor);
			return { done: 'revoked' as const };
		}),
};
