/**
 * The most visited page: what it shows, computed once per request, and rendered once for all visitors who see the
 * same. A visitor who is known already (signed in, named by the client, back from another step) gets a page of
 * their own.
 */
import type { RequestEvent } from '@sveltejs/kit';
import { KeptPages } from '$lib/server/edge/kept-pages';
import { brandOf } from '../../../brand.server';
import { interactionJourney } from '../../journey.server';
import { loadSignIn, type SignInPage } from '../../sign-in.server';
import type { PageData } from './$types';

const loaded = new WeakMap<Request, Promise<SignInPage>>();
const kept = new KeptPages(100);

/** Called by the hook first and by the page's load after it, when it is rendered. */
export function signInPage(event: RequestEvent): Promise<SignInPage> {
	const known =
		loaded.get(event.request) ?? interactionJourney(event).then((journey) => loadSignIn(event, journey));
	loaded.set(event.request, known);
	return known;
}

function namesNobody({ identifier, present, recovered, linking, told }: SignInPage): boolean {
	return identifier === '' && !present && !recovered && !linking && !told;
}

/**
 * All data that the page is rendered from, by its own load and by those of its layouts: a load that returns more
 * does not compile here until it is listed. `restart` is for the error page alone.
 */
type Drawn = Omit<PageData, 'restart'>;

async function nameOf({ url, locals, params }: RequestEvent, page: SignInPage): Promise<string | undefined> {
	if (!namesNobody(page)) return undefined;
	const { mode, ...brand } = await brandOf(await locals.app());
	const drawn: { [Key in keyof Drawn]-?: Drawn[Key] } = { ...page, brand, locale: locals.locale };
	return kept.nameOf([url.href, mode, drawn], params['uid'] ?? '');
}

/** The same event, and what is set through it as lines of a response. */
function listening(event: RequestEvent): { heard: RequestEvent; lines: string[] } {
	const { cookies } = event;
	const lines: string[] = [];
	const set: typeof cookies.set = (name, value, options) => {
		lines.push(cookies.serialize(name, value, options));
		cookies.set(name, value, options);
	};
	const drop: typeof cookies.delete = (name, options) => set(name, '', { ...options, maxAge: 0 });
	return { heard: { ...event, cookies: { ...cookies, set, delete: drop } }, lines };
}

/** @param draw the page as SvelteKit draws it */
export async function keptSignInPage(event: RequestEvent, draw: () => Promise<Response>): Promise<Response> {
	const { heard, lines } = listening(event);
	// What fails here fails in the page's load as well, which shows the error.
	const name = await signInPage(heard).then(
		(page) => nameOf(event, page),
		() => undefined,
	);
	if (name === undefined) return draw();
	const uid = event.params['uid'] ?? '';
	const found = kept.find(name, uid);
	if (!found) return kept.keep(name, uid, await draw());
	for (const line of lines) found.headers.append('set-cookie', line);
	return found;
}
