/**
 * A journey to being signed in: inside an interaction, on behalf of a client that waits, or stand-alone, to a page
 * of our own. The steps (sign-in, register, recover, verify) are the same; only their addresses and the end differ.
 */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { pickLocale, type Locale } from '$lib/i18n/locale';
import { Refusal } from '$lib/contract/errors';
import {
	bindBrowser,
	localeCookie,
	readBrowserBinding,
	rememberLocale,
	setSignedInCookies,
} from '$lib/server/edge/cookies';
import { ownPath } from '$lib/server/edge/own-path';
import { linkWithWaiting } from '$lib/server/flows/account/change-ways-in';
import type { Entered } from '$lib/server/flows/external/enter-external';
import type { Joined } from '$lib/server/flows/register/join';
import type { SignedIn } from '$lib/server/flows/sign-in/begin-session';
import type { LoginDetails } from '$lib/server/oidc/interactions/details';
import { dropNote, leaveNote, readNote } from '../note.server';
import { rememberClient } from './origin-client.server';

export type Step = 'sign-in' | 'register' | 'recover' | 'verify' | 'code' | 'connect' | 'prove' | 'scan';

export interface Journey {
	/** The client that waits for the sign-in. */
	client?: { name: string };
	/** What the client believes the person's identifier to be. */
	loginHint?: string;
	/** The connector that the client would like to begin with. */
	connector?: string;
	/** Whether the client wants a new proof even from a signed-in user. */
	fresh: boolean;
	/** Stand-alone: where a signed-in user goes without signing in again. */
	next?: string;
	/** In an interaction that the present session satisfies: finishes it. @returns where the browser goes */
	skip?: () => Promise<string>;
	href(step: Step): string;
	/** Where the browser goes after the proof. */
	finish(signedIn: SignedIn): Promise<string>;
}

/** Finds the journey that a form belongs to. */
export type Begin = () => Promise<Journey> | Journey;

/** Journeys to the account page, for people who come without a client. */
export const standAlone = (event: RequestEvent): Journey => standAloneAt(event, event.url.searchParams);

function standAloneAt(event: RequestEvent, asked: URLSearchParams): Journey {
	const base = `/apps/${event.params['app'] ?? ''}`;
	const home = `${base}/account`;
	const next = ownPath(asked.get('next'), home);
	const query = next === home ? '' : `?next=${encodeURIComponent(next)}`;
	return {
		fresh: false,
		next,
		href: (step) => `${base}/${step === 'verify' ? 'verify-email' : step}${query}`,
		finish: () => Promise.resolve(next),
	};
}

/**
 * The journey that began at one of our sign-in pages, continued on another page after the return from a vendor.
 * The engine's cookie is not sent there, so an interaction is finished by its own page, with the session made here.
 */
export function resumed(event: RequestEvent, back: string): Journey {
	const { pathname, search, searchParams } = new URL(back, event.url);
	const app = event.params['app'] ?? '';
	if (!pathname.startsWith(`/apps/${app}/interaction/`)) return standAloneAt(event, searchParams);
	return {
		fresh: false,
		href: (step) => `${pathname}${step === 'sign-in' ? '' : `/${step}`}${search}`,
		finish: () => Promise.resolve(pathname + search),
	};
}

/** One of our own addresses that asks for something more. */
export const asking = (href: string, name: string, value: string): string =>
	`${href}${href.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;

export interface Visit {
	app: number;
	uid: string;
	cookie: string | null;
	address: string;
}

export async function visitOf(event: RequestEvent): Promise<Visit> {
	const { id } = await event.locals.app();
	return {
		app: id,
		uid: event.params['uid'] ?? '',
		cookie: event.request.headers.get('cookie'),
		address: event.locals.visitor.address,
	};
}

export const interactionBase = ({ params }: RequestEvent): string =>
	`/apps/${params['app'] ?? ''}/interaction/${params['uid'] ?? ''}`;

/** The language the client asked for counts on arrival; what the person chooses here counts from then on. */
function speakAsAsked(event: RequestEvent, wished: string | undefined): void {
	const { url, locals } = event;
	if (!wished || url.searchParams.has('ui_locales') || event.request.method !== 'GET') return;
	const locale = pickLocale({ ui_locales: wished });
	if (locale !== locals.locale) redirect(303, `${url.pathname}?ui_locales=${locale}`);
}

/**
 * @throws Refusal interaction/expired, interaction/not-yours; redirects where consent is needed and not a sign-in
 */
export async function interactionJourney(event: RequestEvent): Promise<Journey> {
	const visit = await visitOf(event);
	const { interactions } = event.locals;
	const details = await interactions.details(visit);
	const base = interactionBase(event);
	if (details.kind === 'consent') redirect(303, `${base}/consent`);
	rememberClient(event, details.client.id);
	if (event.url.pathname === base) speakAsAsked(event, details.uiLocales);
	return journeyOf(event, visit, details);
}

function journeyOf(event: RequestEvent, visit: Visit, details: LoginDetails): Journey {
	const { interactions } = event.locals;
	const base = interactionBase(event);
	const spoken = event.url.searchParams.get('ui_locales');
	const query = spoken ? `?ui_locales=${encodeURIComponent(spoken)}` : '';
	return {
		client: { name: details.client.name },
		...(details.loginHint ? { loginHint: details.loginHint } : {}),
		...(details.connector ? { connector: details.connector } : {}),
		fresh: details.fresh,
		...(details.canContinue
			? { skip: async () => (await interactions.finishWithSession(visit)).location }
			: {}),
		href: (step) => `${base}${step === 'sign-in' ? '' : `/${step}`}${query}`,
		finish: async ({ session: { session } }) =>
			(
				await interactions.finishLogin(visit, {
					userId: session.userId,
					amr: session.amr,
					authTime: session.authTime,
				})
			).location,
	};
}

const knownLocale = (value: string | null): Locale | undefined =>
	value === 'en' || value === 'zh-CN' ? value : undefined;

/** Links a waiting external account to the user; a failure is shown, and does not stop the sign-in. */
async function linkWaiting(event: RequestEvent, { user, session: { session } }: SignedIn): Promise<void> {
	const waiting = readNote(event, 'linking');
	if (!waiting) return;
	dropNote(event, 'linking');
	const { connector, pending } = waiting;
	try {
		await linkWithWaiting(await event.locals.app(), { user, session, pending }, event.locals.visitor);
		leaveNote(event, { at: 'told', connector, what: 'linked' });
	} catch (thrown) {
		if (!(thrown instanceof Refusal)) throw thrown;
		leaveNote(event, { at: 'told', connector, what: thrown.code });
	}
}

/** The end of every journey: sets cookies, then redirects. Never returns. */
export async function arrive(event: RequestEvent, journey: Journey, signedIn: SignedIn): Promise<never> {
	const location = await journey.finish(signedIn);
	const { cookies, locals } = event;
	setSignedInCookies(cookies, (await locals.app()).id, signedIn);
	dropNote(event);
	await linkWaiting(event, signedIn);
	const own = knownLocale(signedIn.user.locale);
	if (own && cookies.get(localeCookie) === undefined)
		rememberLocale(cookies, own, locals.appliance.origin.startsWith('https:'));
	redirect(303, location);
}

/** After a sign-up: signed in, or first to the page that asks for what the app wants proven. Never returns. */
export async function goOn(event: RequestEvent, journey: Journey, joined: Joined): Promise<never> {
	if (joined.status === 'signed-in') return arrive(event, journey, joined.signedIn);
	leaveNote(event, { at: 'prove', pending: joined.pending, what: joined.what });
	redirect(303, journey.href('prove'));
}

/**
 * A person whom a vendor authenticated goes on, or is first asked whether to join or to link an account. Never
 * returns.
 */
export async function enter(
	event: RequestEvent,
	journey: Journey,
	{ entered, connector }: { entered: Entered; connector: string },
): Promise<never> {
	if (entered.status !== 'ask') return goOn(event, journey, entered);
	const { pending, join, name } = entered;
	leaveNote(event, { at: 'connect', pending, join, connector, name: name.slice(0, 200) });
	redirect(303, journey.href('connect'));
}

/** The value that binds a journey to this browser. */
export async function bindingOf({ cookies, locals }: RequestEvent): Promise<string> {
	const app = await locals.app();
	return bindBrowser(cookies, app.id, app.origin.startsWith('https:'));
}

export async function presentBinding({ cookies, locals }: RequestEvent): Promise<string | undefined> {
	const app = await locals.app();
	return readBrowserBinding(cookies, app.id, app.origin.startsWith('https:'));
}

/** Digest of the session that this browser has now: signing in replaces it. */
export async function presentSession({ locals }: RequestEvent): Promise<string | undefined> {
	return (await locals.currentUser())?.session.id;
}
