/** The sign-in step: what its page shows. What its forms do stands in begin.server.ts. */
import { redirect, type RequestEvent } from '@sveltejs/kit';
import { guessCountry } from '$lib/i18n/countries';
import { hasPassword } from '$lib/server/flows/account/prove-fresh';
import type { AppServices } from '$lib/server/flows/services';
import { listMethods, type Method } from '$lib/server/flows/sign-in/list-methods';
import type { User } from '$lib/server/storage/app/users';
import { readNote } from '../note.server';
import { toldOf, type Told } from '../told.server';
import { asking, type Journey } from './journey.server';

/** A method, and this page with it in front. */
export type OfferedMethod = Method & { href: string };

export interface SignInPage {
	client: { name: string } | undefined;
	identifier: string;
	/** The password was just changed. */
	recovered: boolean;
	/** Signed in already; here a proof is asked for once more, or another account may be chosen. */
	present: { name: string; detail: string | undefined } | undefined;
	/** Where the one who is signed in goes on without signing in again. */
	onward: string | undefined;
	fresh: boolean;
	/** The ways in, the likeliest first. */
	methods: OfferedMethod[];
	/** The one that was chosen. */
	chosen: string | undefined;
	/** The country that phone numbers are taken to be of. */
	country: string;
	/** Where the browser asks what to sign with a passkey. */
	passkeys: string;
	/** The account elsewhere that is to be linked to whoever signs in. */
	linking: { connector: string; name: string } | undefined;
	told: Told | undefined;
	recover: string;
	/** Absent where registration is closed. */
	register: string | undefined;
}

export type Present = NonNullable<SignInPage['present']> & { id: string; identifier: string };

/** By what somebody signs in: the name that is surely theirs. */
const identifierOf = (user: User): string =>
	user.username ?? (user.emailVerified ? user.email : user.phone) ?? '';

export async function whoIsHere({ locals }: RequestEvent): Promise<Present | undefined> {
	const user = (await locals.currentUser())?.user;
	if (!user) return undefined;
	const names = [user.name, user.username, user.email, user.phone].filter((name): name is string =>
		Boolean(name),
	);
	const [name = user.id, detail] = [...new Set(names)];
	return { id: user.id, name, detail, identifier: identifierOf(user) };
}

/** Known from the step before, else as the client has it, else whoever is signed in and asked once more. */
function suggestIdentifier(event: RequestEvent, journey: Journey, here: Present | undefined): string {
	const asked = journey.client ? here?.identifier : undefined;
	return (readNote(event, 'sign-in')?.identifier ?? journey.loginHint ?? asked ?? '').slice(0, 254);
}

export const wantsAnother = (event: RequestEvent): boolean =>
	event.url.searchParams.has('another') || readNote(event, 'another') !== undefined;

/** @param page the sign-in page's own address */
export function offered(method: Method, page: URL): OfferedMethod {
	const query = new URLSearchParams(page.searchParams);
	query.set('with', method.id);
	return { ...method, href: `${page.pathname}?${query.toString()}` };
}

/** Who is asked once more is not asked for a password they do not have. */
async function methodsFor(event: RequestEvent, asked: Present | undefined): Promise<OfferedMethod[]> {
	const app = await event.locals.app();
	const methods = await listMethods(app, event.locals.visitor);
	const without = asked !== undefined && !(await hasPassword(app, asked.id)) ? 'password' : undefined;
	return methods.filter(({ way }) => way !== without).map((method) => offered(method, event.url));
}

async function linkingOf(event: RequestEvent): Promise<SignInPage['linking']> {
	const waiting = readNote(event, 'linking');
	if (!waiting) return undefined;
	const { plugins } = await event.locals.app();
	const { name } = plugins.manifestOf(waiting.connector);
	return { connector: name[event.locals.locale], name: waiting.name };
}

/** What the person, or the client, asks for. */
const offerOf = (
	{ url, request }: RequestEvent,
	{ connector }: Journey,
): Pick<SignInPage, 'chosen' | 'country'> => ({
	chosen: url.searchParams.get('with') ?? connector,
	country: guessCountry(request.headers.get('accept-language')),
});

/** Who is signed in may stay it, unless they came to link an account to whoever signs in next. */
const stayOf = (
	journey: Journey,
	here: Present | undefined,
	linking: SignInPage['linking'],
): Pick<SignInPage, 'present' | 'onward'> => ({
	present: here && { name: here.name, detail: here.detail },
	onward: here && !linking ? journey.next : undefined,
});

/** What was linked is told in the account centre. */
async function troubleOf(event: RequestEvent): Promise<Told | undefined> {
	const told = await toldOf(event);
	return told?.kind === 'success' ? undefined : told;
}

async function takesPasswords(
	app: Pick<AppServices, 'settings'>,
	methods: readonly Method[],
): Promise<boolean> {
	const { registration } = await app.settings();
	return registration === 'open' && methods.some(({ way }) => way === 'password');
}

/** Who would rather be somebody else is not asked that again there. */
const registerAt = (event: RequestEvent, journey: Journey): string =>
	wantsAnother(event) ? asking(journey.href('register'), 'another', 'yes') : journey.href('register');

/** @returns what the page shows; a session that is enough for an interaction goes on at once */
export async function loadSignIn(event: RequestEvent, journey: Journey): Promise<SignInPage> {
	const another = wantsAnother(event);
	const linking = await linkingOf(event);
	if (journey.skip && !another && !linking) redirect(303, await journey.skip());
	const app = await event.locals.app();
	const here = another ? undefined : await whoIsHere(event);
	const all = await methodsFor(event, journey.fresh ? here : undefined);
	// Whoever links has an account.
	const methods = linking ? all.filter(({ way }) => way !== 'guest') : all;
	return {
		...offerOf(event, journey),
		client: journey.client,
		identifier: suggestIdentifier(event, journey, here),
		recovered: readNote(event, 'sign-in') !== undefined,
		...stayOf(journey, here, linking),
		fresh: journey.fresh,
		methods,
		passkeys: `/apps/${app.id}/passkey`,
		linking,
		told: await troubleOf(event),
		recover: journey.href('recover'),
		register: (await takesPasswords(app, methods)) ? registerAt(event, journey) : undefined,
	};
}
