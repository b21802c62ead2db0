/**
 * A way to being signed in: inside an interaction, on behalf of a client that waits, or stand-alone, to a page of
 * our own. The steps (sign-in, register, recover, verify) are the same; only their addresses and the end differ.
 */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { pickLocale, type Locale } from '$lib/i18n/locale';
import { localeCookie, rememberLocale, setSignedInCookies } from '$lib/server/edge/cookies';
import { ownPath } from '$lib/server/edge/own-path';
import type { SignedIn } from '$lib/server/flows/sign-in/begin-session';
import type { LoginDetails } from '$lib/server/oidc/interactions/details';
import { dropNote } from '../note.server';
import { rememberClient } from './origin-client.server';

export type Step = 'sign-in' | 'register' | 'recover' | 'verify';

export interface Journey {
	/** Who waits for the sign-in. */
	client?: { name: string };
	/** What the client believes the person's identifier to be. */
	loginHint?: string;
	/** The client wants the password again, whoever is signed in. */
	fresh: boolean;
	/** Stand-alone: where somebody who is signed in goes without signing in again. */
	next?: string;
	/** In an interaction that the present session satisfies: finishes it. @returns where the browser goes */
	skip?: () => Promise<string>;
	href(step: Step): string;
	/** Where the browser goes after the proof. */
	finish(signedIn: SignedIn): Promise<string>;
}

/** Finds the way that a form belongs to. */
export type Begin = () => Promise<Journey> | Journey;

/** Ways to one's own page, for people who come without a client. */
export function standAlone(event: RequestEvent): Journey {
	const base = `/apps/${event.params['app'] ?? ''}`;
	const home = `${base}/account`;
	const next = ownPath(event.url.searchParams.get('next'), home);
	const query = next === home ? '' : `?next=${encodeURIComponent(next)}`;
	return {
		fresh: false,
		next,
		href: (step) => `${base}/${step === 'verify' ? 'verify-email' : step}${query}`,
		finish: () => Promise.resolve(next),
	};
}

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

/** @throws Refusal interaction/expired, interaction/not-yours; redirects where consent is asked, not a sign-in */
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

/** The end of every way: cookies, then on. Never returns. */
export async function arrive(event: RequestEvent, journey: Journey, signedIn: SignedIn): Promise<never> {
	const location = await journey.finish(signedIn);
	const { cookies, locals } = event;
	setSignedInCookies(cookies, (await locals.app()).id, signedIn);
	dropNote(event);
	const own = knownLocale(signedIn.user.locale);
	if (own && cookies.get(localeCookie) === undefined)
		rememberLocale(cookies, own, locals.appliance.origin.startsWith('https:'));
	redirect(303, location);
}

/** Digest of the session that this browser has now: signing in replaces it. */
export async function presentSession({ locals }: RequestEvent): Promise<string | undefined> {
	return (await locals.currentUser())?.session.id;
}
