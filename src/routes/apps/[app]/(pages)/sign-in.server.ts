/** The sign-in step: what its page shows. Its forms are handled in begin.server.ts. */
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
	/** The user who is signed in already; here they prove it again, or choose another account. */
	present: { name: string; detail: string | undefined } | undefined;
	/** Where the signed-in user goes on without signing in again. */
	onward: string | undefined;
	fresh: boolean;
	/** The ways in, the likeliest first. */
	methods: OfferedMethod[];
	/** The one that was chosen. */
	chosen: string | undefined;
	/** The country that phone numbers are taken to be of. */
	country: string;
	/** The address of the challenge for a passkey. */
	passkeys: string;
	/** The external account to link to the user who signs in. */
	linking: { connector: string; name: string } | undefined;
	told: Told | undefined;
	recover: string;
	/** Absent where registration is closed. */
	register: string | undefined;
}

export type Present = NonNullable<SignInPage['present']> & { id: string; identifier: string };

/** The identifier that a user signs in with: one that is certainly theirs. */
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

/** From the step before, else the client's hint, else the signed-in user who has to prove it again. */
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

/** A user who has to prove it again is not asked for a password that they do not have. */
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

/** A signed-in user may go on as such, unless they came to link an account to the user who signs in next. */
const stayOf = (
	journey: Journey,
	here: Present | undefined,
	linking: SignInPage['linking'],
): Pick<SignInPage, 'present' | 'onward'> => ({
	present: here && { name: here.name, detail: here.detail },
	onward: here && !linking ? journey.next : undefined,
});

/** The account centre shows what was linked. */
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

/** A person who wants to be another user is not asked that again there. */
const registerAt = (event: RequestEvent, journey: Journey): string =>
	wantsAnother(event) ? asking(journey.href('register'), 'another', 'yes') : journey.href('register');

/** @returns what the page shows; with a session that suffices for an interaction it redirects at once */
export async function loadSignIn(event: RequestEvent, journey: Journey): Promise<SignInPage> {
	const another = wantsAnother(event);
	const linking = await linkingOf(event);
	if (journey.skip && !another && !linking) redirect(303, await journey.skip());
	const app = await event.locals.app();
	const here = another ? undefined : await whoIsHere(event);
	const all = await methodsFor(event, journey.fresh ? here : undefined);
	// A person who links an identity has an account.
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
