import { setSignedInCookies } from '$lib/server/edge/cookies';
import { changePassword } from '$lib/server/flows/account/change-password';
import { nameBeside } from '$lib/server/flows/account/name-beside-password';
import { hasPassword } from '$lib/server/flows/account/prove-fresh';
import { endOwnSession, listOwnSessions } from '$lib/server/flows/account/own-sessions';
import { isGuest } from '$lib/server/flows/external/guests';
import { signOutEverywhere } from '$lib/server/flows/sign-out/end-sessions';
import { guarded, submitted } from '../../answer.server';
import { deviceOf } from '../device-name';
import { toldOf } from '../../told.server';
import { requireUser } from '../owner.server';
import { loadWaysIn, waysInActions } from './ways-in.server';
import type { Actions, PageServerLoad } from './$types';

/** More than anybody looks through; the button ends the rest as well. */
const shown = 20;

export const load: PageServerLoad = (event) =>
	guarded(event, async () => {
		const app = await event.locals.app();
		const current = await requireUser(event);
		const { user, session } = current;
		const all = await listOwnSessions(app, { userId: user.id, current: session.id });
		const sessions = [...all.filter((one) => one.current), ...all.filter((one) => !one.current)].slice(
			0,
			shown,
		);
		const settings = await app.settings();
		const has = await hasPassword(app, user.id);
		const beside = nameBeside(settings, user);
		// One to sign in with: a first password that opens nothing is not offered.
		const useful = has || (beside !== 'barred' && (await app.plugins.isEnabled('password')));
		return {
			minLength: settings.passwordMinLength,
			// A guest has nothing to type beside one yet; the profile page asks for both.
			passwords: settings.systemAccounts && useful && !(await isGuest(app.store.read, user.id)),
			wantsUsername: !has && beside === 'wanted',
			names: [user.username, user.name, user.email].filter((name): name is string => Boolean(name)),
			identifier: user.username ?? user.email ?? '',
			sessions: sessions.map(({ id, current, createdAt, device, address }) => ({
				id,
				current,
				createdAt,
				address,
				...deviceOf(device),
			})),
			more: all.length - sessions.length,
			...(await loadWaysIn(event, current)),
			hasPassword: has,
			told: await toldOf(event),
			now: app.clock.now(),
		};
	});

export const actions: Actions = {
	...waysInActions,
	changePassword: (event) =>
		submitted(event, ['password', 'newPassword', 'username'], async (typed) => {
			const current = await requireUser(event);
			const app = await event.locals.app();
			const first = !(await hasPassword(app, current.user.id));
			const changed = await changePassword(app, { ...current, ...typed }, event.locals.visitor);
			setSignedInCookies(event.cookies, app.id, changed);
			// The page that answers belongs to the new session, and to whom the name may be new.
			Object.assign(current.user, changed.user);
			current.session = changed.session.session;
			return { done: first ? ('first-password' as const) : ('password' as const) };
		}),
	endSession: (event) =>
		submitted(event, ['sessionId'], async ({ sessionId }) => {
			const { user } = await requireUser(event);
			await endOwnSession(await event.locals.app(), { userId: user.id, id: sessionId }, event.locals.visitor);
			return { done: 'session' as const };
		}),
	endOthers: (event) =>
		submitted(event, [], async () => {
			const { user, session } = await requireUser(event);
			const actor = { kind: 'user' as const, id: user.id };
			await signOutEverywhere(
				await event.locals.app(),
				{ userId: user.id, except: session.id, actor },
				event.locals.visitor,
			);
			return { done: 'sessions' as const };
		}),
};
