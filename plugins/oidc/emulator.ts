/** An OpenID Connect provider on this machine whose issuer has a path, and whose endpoints are beside it. */
import {
	approvePage,
	isRegistered,
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { backTo, clientIn, Grants, redemptionIn } from '../../tests/emulators/grants';
import {
	createIdTokens,
	forgeries,
	forgeryNames,
	wallClock,
	type Forgery,
	type IdTokens,
} from '../../tests/emulators/id-tokens';

export const client = { id: 'menshen-test', secret: 'canary-oidc-client-secret' };
export const people: Readonly<Record<string, Record<string, unknown>>> = {
	Mei: { sub: '248289761001', name: 'Mei Chen', email: 'mei@example.com', email_verified: true },
	Li: { sub: '248289761002', name: 'Li Wang', email: 'li@example.com', email_verified: false },
};

const fault = (error: string, status = 400): Response => Response.json({ error }, { status });
const issuerOf = ({ url }: EmulatedCall): string => `${url.origin}/tenant`;

/** A client must use the authentication methods that it registered. */
function isClient({ headers, form }: EmulatedCall, ways: readonly string[]): boolean {
	const shown = clientIn(headers, form);
	const proven = shown.way === 'none' || shown.secret === client.secret;
	return shown.id === client.id && proven && ways.includes(shown.way);
}

interface Options {
	now?: () => number;
	/** How the client may authenticate. */
	ways?: readonly ('basic' | 'post' | 'none')[];
	/** Changes the discovery document. */
	describe?(document: Record<string, unknown>): Record<string, unknown>;
}

class OpenidProvider {
	readonly #grants = new Grants();
	readonly #bearers = new Map<string, string>();
	readonly #idTokens: IdTokens;
	readonly #options: Options;

	constructor(idTokens: IdTokens, options: Options) {
		this.#idTokens = idTokens;
		this.#options = options;
	}

	forget(): void {
		this.#grants.forget();
		this.#bearers.clear();
	}

	discovery(call: EmulatedCall): Response {
		const { origin } = call.url;
		const document = {
			issuer: issuerOf(call),
			authorization_endpoint: `${origin}/authorize`,
			token_endpoint: `${origin}/oauth2/token`,
			jwks_uri: `${origin}/oauth2/keys`,
			userinfo_endpoint: `${origin}/userinfo`,
			response_types_supported: ['code'],
			id_token_signing_alg_values_supported: ['RS256'],
			authorization_response_iss_parameter_supported: true,
		};
		return Response.json(this.#options.describe?.(document) ?? document);
	}

	authorize(call: EmulatedCall): Response {
		const asked = call.url.searchParams;
		const back = (answer: Record<string, string>) => backTo(asked, { ...answer, iss: issuerOf(call) });
		const complete =
			asked.get('client_id') === client.id &&
			asked.get('response_type') === 'code' &&
			asked.get('scope')?.split(' ').includes('openid') &&
			asked.get('code_challenge_method') === 'S256' &&
			['redirect_uri', 'state', 'nonce', 'code_challenge'].every((name) => asked.get(name));
		// A browser is never redirected to an address that is not the client's (OpenID Connect Core §3.1.2.1, RFC 9700
		// §4.1).
		if (!complete || !isRegistered(call)) return new Response('invalid_request', { status: 400 });
		const approved = Object.keys(people).map((name) => ({
			name,
			approved: back({ code: this.#grants.issue({ person: name, asked }) }),
		}));
		return approvePage('OpenID provider', approved, back({ error: 'access_denied' }));
	}

	async token(call: EmulatedCall, forgery?: Forgery): Promise<Response> {
		const { form } = call;
		if (!isClient(call, this.#options.ways ?? ['basic', 'post', 'none'])) return fault('invalid_client', 401);
		if (form.get('grant_type') !== 'authorization_code') return fault('unsupported_grant_type');
		const grant = this.#grants.redeem(redemptionIn(form, client.id));
		if (typeof grant === 'string') return fault('invalid_grant');
		const accessToken = `canary-access-${crypto.randomUUID()}`;
		this.#bearers.set(accessToken, grant.person);
		const claims = { iss: issuerOf(call), aud: client.id, nonce: grant.asked.get('nonce') ?? '' };
		const idToken = await this.#idTokens.sign({ ...claims, ...people[grant.person] }, forgery);
		return Response.json({
			access_token: accessToken,
			token_type: 'Bearer',
			expires_in: 300,
			id_token: idToken,
		});
	}

	userinfo({ headers }: EmulatedCall): Response {
		const bearer = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
		const person = this.#bearers.get(bearer);
		if (!person) return fault('invalid_token', 401);
		return Response.json({ ...people[person], name: `${person} of userinfo` });
	}

	keys(): Response {
		return this.#idTokens.jwks();
	}
}

const tokenFaults = ['invalid_grant', 'invalid_client', 'unauthorized_client', 'temporarily_unavailable'];

/** @param options for tests: another clock, a provider with habits of its own */
export async function startEmulator(port = 0, options: Options = {}): Promise<Emulator> {
	const provider = new OpenidProvider(await createIdTokens(options.now ?? wallClock), options);
	const at = 'POST /oauth2/token';
	const forged = forgeryNames.map((name): [string, EmulatedFailure] => [
		name,
		{ at, answer: (call: EmulatedCall) => provider.token(call, forgeries[name]) },
	]);
	return startVendor(
		{
			routes: {
				'GET /tenant/.well-known/openid-configuration': (call) => provider.discovery(call),
				'GET /authorize': (call) => provider.authorize(call),
				[at]: (call) => provider.token(call),
				'GET /oauth2/keys': () => provider.keys(),
				'GET /userinfo': (call) => provider.userinfo(call),
			},
			pages: ['GET /authorize'],
			failures: {
				...Object.fromEntries(forged),
				...Object.fromEntries(tokenFaults.map((name) => [name, { at, answer: () => fault(name) }])),
				'keys are gone': { at: 'GET /oauth2/keys', answer: () => new Response('', { status: 500 }) },
				'userinfo of somebody else': {
					at: 'GET /userinfo',
					answer: () => Response.json({ ...people['Li'], sub: 'somebody-else' }),
				},
				'userinfo refuses the token': { at: 'GET /userinfo', answer: () => fault('invalid_token', 401) },
			},
			endpoints: {
				issuer: '/tenant',
				origin: '/',
				token: '/oauth2/token',
				keys: '/oauth2/keys',
				userinfo: '/userinfo',
			},
			config: {
				issuer: 'https://id.vendor.example/tenant',
				clientId: client.id,
				clientSecret: client.secret,
				clientAuth: 'basic',
			},
			forget: () => provider.forget(),
		},
		port,
	);
}
