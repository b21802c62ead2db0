/** GitHub on this machine: its page, its token endpoint (which refuses with HTTP 200), and two calls of its API. */
import { approvePage, startVendor, type EmulatedCall, type Emulator } from '@menshen/plugin-kit/emulator';
import { backTo, Grants, redemptionIn, type Grant } from '../../tests/emulators/grants';

export const client = { id: 'Iv1.menshen0test', secret: 'canary-github-client-secret' };

interface Person {
	user: Record<string, unknown>;
	emails: { email: string; primary: boolean; verified: boolean; visibility: string | null }[];
}
export const people: Readonly<Record<string, Person>> = {
	Mei: {
		user: {
			id: 583231,
			login: 'mei',
			name: 'Mei Chen',
			avatar_url: 'https://avatars.githubusercontent.com/u/583231?v=4',
			// What a person shows in public is not what GitHub has verified.
			email: 'public@mei.example',
		},
		emails: [
			{ email: 'old@mei.example', primary: false, verified: true, visibility: null },
			{ email: 'mei@example.com', primary: true, verified: true, visibility: 'private' },
		],
	},
	Li: {
		user: {
			id: 583232,
			login: 'li-wang',
			name: null,
			avatar_url: 'https://avatars.githubusercontent.com/u/583232?v=4',
		},
		emails: [
			{ email: 'li@example.com', primary: true, verified: false, visibility: null },
			{ email: 'second@li.example', primary: false, verified: true, visibility: null },
		],
	},
};

/** RFC 6749 requires 400: GitHub answers 200. */
const fault = (error: string, description: string): Response =>
	Response.json({ error, error_description: description, error_uri: 'https://docs.github.com/apps' });
const badCode = () => fault('bad_verification_code', 'The code passed is incorrect or expired.');

const isLoopback = ({ hostname }: URL): boolean => ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);

/** Host and port alike, the path the same or below; on this machine (where apps listen anywhere) any port. */
function isBelow(asked: URL, registered: URL): boolean {
	const [whole, part] = [asked.pathname, registered.pathname.replace(/\/+$/, '')];
	return (
		asked.protocol === registered.protocol &&
		(isLoopback(registered) ? asked.hostname === registered.hostname : asked.host === registered.host) &&
		(whole === part || whole.startsWith(`${part}/`))
	);
}

/** Redirects to the registered address, with the error: GitHub redirects nowhere else. */
function mismatch({ url, redirectUris }: EmulatedCall): Response {
	const [home] = redirectUris;
	if (!home) return new Response('Not Found', { status: 404 });
	const to = backTo(new URLSearchParams({ redirect_uri: home, state: url.searchParams.get('state') ?? '' }), {
		error: 'redirect_uri_mismatch',
		error_description: 'The redirect_uri MUST match the registered callback URL for this application.',
		error_uri: 'https://docs.github.com/apps',
	});
	return new Response(null, { status: 302, headers: { location: to.href } });
}

function authorize(call: EmulatedCall, grants: Grants): Response {
	const asked = call.url.searchParams;
	if (asked.get('client_id') !== client.id) return new Response('Not Found', { status: 404 });
	const redirect = asked.get('redirect_uri') ?? '';
	const isKnown =
		URL.canParse(redirect) &&
		[...call.redirectUris].some((each) => isBelow(new URL(redirect), new URL(each)));
	if (!isKnown) return mismatch(call);
	const back = (answer: Record<string, string>) => backTo(asked, answer);
	const approved = Object.keys(people).map((name) => ({
		name,
		approved: back({ code: grants.issue({ person: name, asked }) }),
	}));
	const cancelled = back({
		error: 'access_denied',
		error_description: 'The user has denied your application access.',
	});
	return approvePage('GitHub', approved, cancelled);
}

class GitHub {
	readonly grants = new Grants();
	readonly #bearers = new Map<string, { person: string; scopes: string[] }>();

	forget(): void {
		this.grants.forget();
		this.#bearers.clear();
	}

	token({ form, headers }: EmulatedCall): Response {
		// Without this header GitHub answers a form.
		if (!headers.get('accept')?.includes('application/json'))
			return new Response('error=accept_header_missing', { status: 200 });
		if (form.get('client_id') !== client.id) return new Response('Not Found', { status: 404 });
		if (form.get('client_secret') !== client.secret)
			return fault(
				'incorrect_client_credentials',
				'The client_id and/or client_secret passed are incorrect.',
			);
		const grant = this.grants.redeem(redemptionIn(form, client.id));
		if (grant === 'redirect')
			return fault('redirect_uri_mismatch', 'The redirect_uri MUST match the registered callback URL.');
		return typeof grant === 'string' ? badCode() : this.#tokenFor(grant);
	}

	#tokenFor({ person, asked }: Grant): Response {
		const token = `gho_canary${crypto.randomUUID().replaceAll('-', '')}`;
		const scopes = (asked.get('scope') ?? '').split(' ');
		this.#bearers.set(token, { person, scopes });
		return Response.json({ access_token: token, scope: scopes.join(','), token_type: 'bearer' });
	}

	#whose({ headers }: EmulatedCall): { person: Person; scopes: string[] } | Response {
		// GitHub refuses callers without a User-Agent.
		if (!headers.get('user-agent')) return new Response('Request forbidden', { status: 403 });
		const found = this.#bearers.get(headers.get('authorization')?.replace(/^Bearer /, '') ?? '');
		const person = found && people[found.person];
		if (!person) return Response.json({ message: 'Bad credentials', status: '401' }, { status: 401 });
		return { person, scopes: found.scopes };
	}

	user(call: EmulatedCall): Response {
		const whose = this.#whose(call);
		return whose instanceof Response ? whose : Response.json(whose.person.user);
	}

	emails(call: EmulatedCall): Response {
		const whose = this.#whose(call);
		if (whose instanceof Response) return whose;
		return whose.scopes.includes('user:email')
			? Response.json(whose.person.emails)
			: Response.json({ message: 'Not Found' }, { status: 404 });
	}
}

const rateLimited = () =>
	Response.json(
		{ message: 'API rate limit exceeded' },
		{ status: 403, headers: { 'x-ratelimit-remaining': '0' } },
	);

export async function startEmulator(port = 0): Promise<Emulator> {
	const github = new GitHub();
	const [token, user, emails] = ['POST /login/oauth/access_token', 'GET /user', 'GET /user/emails'] as const;
	const tokenFault = (error: string) => ({ at: token, answer: () => fault(error, error) });
	return startVendor(
		{
			routes: {
				'GET /login/oauth/authorize': (call) => authorize(call, github.grants),
				[token]: (call) => github.token(call),
				[user]: (call) => github.user(call),
				[emails]: (call) => github.emails(call),
			},
			pages: ['GET /login/oauth/authorize'],
			failures: {
				bad_verification_code: { at: token, answer: badCode },
				incorrect_client_credentials: tokenFault('incorrect_client_credentials'),
				redirect_uri_mismatch: tokenFault('redirect_uri_mismatch'),
				unverified_user_email: tokenFault('unverified_user_email'),
				'401 Bad credentials': {
					at: user,
					answer: () => Response.json({ message: 'Bad credentials' }, { status: 401 }),
				},
				'403 API rate limit exceeded': { at: user, answer: rateLimited },
				'403 rate limit at the emails': { at: emails, answer: rateLimited },
				'403 Resource not accessible by integration': {
					at: emails,
					answer: () => Response.json({ message: 'Resource not accessible by integration' }, { status: 403 }),
				},
			},
			endpoints: {
				authorize: '/login/oauth/authorize',
				token: '/login/oauth/access_token',
				api: '/',
			},
			config: { clientId: client.id, clientSecret: client.secret },
			forget: () => github.forget(),
		},
		port,
	);
}
