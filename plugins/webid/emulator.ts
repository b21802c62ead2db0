/**
 * A Solid provider on this machine, with the pods of two people: profiles in Turtle, registration of clients,
 * codes bound to a key, and tokens bound to it as well.
 */
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import {
	approvePage,
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { backTo, clientIn, Grants, redemptionIn, type Grant } from '../../tests/emulators/grants';
import {
	createIdTokens,
	forgeries,
	forgeryNames,
	wallClock,
	type Forgery,
	type IdTokens,
} from '../../tests/emulators/id-tokens';

interface Client {
	secret: string | undefined;
	redirectUris: string[];
}

export interface Options {
	now?: () => number;
	/** Where the key is named: as Solid-OIDC has it in the ID token, or (as some do) in the access token alone. */
	boundIn?: 'id token' | 'access token' | 'nothing';
	/** Names another key in the access token. */
	misbound?: boolean;
	/** Changes the discovery document. */
	describe?(document: Record<string, unknown>): Record<string, unknown>;
	/** The nonce that proofs must carry. */
	proofNonce?: string;
	/** The WebID that the ID tokens name; default: the person's own here. */
	webid?: string;
}

const fault = (error: string, status = 400, headers = {}): Response =>
	Response.json({ error }, { status, headers });
const turtle = (text: string, status = 200): Response =>
	new Response(text, { status, headers: { 'content-type': 'text/turtle; charset=utf-8' } });

const names: Readonly<Record<string, string>> = { Mei: 'Mei Chen', Li: '王力' };
export const webidOf = (origin: string, person: string): string =>
	`${origin}/${person.toLowerCase()}/card#me`;

function profile(person: string, issuer: string): Response {
	return turtle(
		`@prefix solid: <http://www.w3.org/ns/solid/terms#>. @prefix foaf: <http://xmlns.com/foaf/0.1/>.
<> foaf:primaryTopic <#me>. <#me> a foaf:Person; foaf:name "${names[person]}"; solid:oidcIssuer <${issuer}>.
<#other> solid:oidcIssuer <https://other.example/>.`,
	);
}

const another: Forgery = {
	claims: (claims) => ({ ...claims, cnf: { jkt: 'of-another-key' } }),
};
const more: Readonly<Record<string, Forgery>> = {
	'id token bound to another key': another,
	'id token without a webid': {
		claims: ({ webid: _, ...claims }) => claims,
	},
	'id token whose webid is no address': {
		claims: (claims) => ({ ...claims, webid: 'mailto:mei@example.com' }),
	},
};
export const solidForgeries = [...forgeryNames, ...Object.keys(more)];
const forgeryOf = (name: string): Forgery | undefined =>
	more[name] ?? forgeries[name as keyof typeof forgeries];

class SolidProvider {
	readonly #grants = new Grants();
	readonly #clients = new Map<string, Client>();
	readonly #seen = new Set<string>();
	readonly #idTokens: IdTokens;
	readonly #options: Options;
	readonly #now: () => number;

	constructor(idTokens: IdTokens, options: Options) {
		this.#idTokens = idTokens;
		this.#options = options;
		this.#now = options.now ?? wallClock;
	}

	forget(): void {
		this.#grants.forget();
		this.#clients.clear();
		this.#seen.clear();
	}

	discovery({ url: { origin } }: EmulatedCall): Response {
		const document = {
			issuer: `${origin}/`,
			authorization_endpoint: `${origin}/authorize`,
			token_endpoint: `${origin}/token`,
			jwks_uri: `${origin}/jwks`,
			registration_endpoint: `${origin}/register`,
			scopes_supported: ['openid', 'webid', 'offline_access'],
			id_token_signing_alg_values_supported: ['ES256'],
			token_endpoint_auth_methods_supported: ['client_secret_basic', 'none'],
			authorization_response_iss_parameter_supported: true,
		};
		return Response.json(this.#options.describe?.(document) ?? document);
	}

	register({ json }: EmulatedCall): Response {
		const asked = (json ?? {}) as Record<string, unknown>;
		const redirectUris = asked['redirect_uris'];
		const complete = Array.isArray(redirectUris) && String(asked['scope']).split(' ').includes('webid');
		if (!complete) return fault('invalid_client_metadata');
		const id = crypto.randomUUID();
		const secret = asked['token_endpoint_auth_method'] === 'none' ? undefined : 'canary-registered-secret';
		this.#clients.set(id, { secret, redirectUris: redirectUris.map(String) });
		return Response.json(
			{ ...asked, client_id: id, ...(secret ? { client_secret: secret } : {}) },
			{ status: 201 },
		);
	}

	/** What a client may ask for: all that Solid-OIDC wants, and the redirect URI it registered. */
	#mayAsk(asked: URLSearchParams): boolean {
		const id = asked.get('client_id') ?? '';
		const scopes = (asked.get('scope') ?? '').split(' ');
		const known = this.#clientOf(id)?.redirectUris.includes(asked.get('redirect_uri') ?? '');
		return (
			(known === true || id.startsWith('https:')) &&
			['state', 'nonce', 'code_challenge', 'dpop_jkt'].every((name) => asked.get(name)) &&
			['openid', 'webid'].every((scope) => scopes.includes(scope))
		);
	}

	authorize({ url }: EmulatedCall): Response {
		const asked = url.searchParams;
		if (!this.#mayAsk(asked)) return new Response('invalid_request', { status: 400 });
		const back = (answer: Record<string, string>) => backTo(asked, { ...answer, iss: `${url.origin}/` });
		const approved = Object.keys(names).map((name) => ({
			name,
			approved: back({ code: this.#grants.issue({ person: name, asked }) }),
		}));
		return approvePage('Solid provider', approved, back({ error: 'access_denied' }));
	}

	/** A client id that is an address needs no registration (Solid-OIDC, client id documents). */
	#clientOf(id: string): Client | undefined {
		return id.startsWith('https:') ? { secret: undefined, redirectUris: [] } : this.#clients.get(id);
	}

	/** RFC 9449 §4.3. @returns the thumbprint of the key */
	async #proven({ url, method, headers }: EmulatedCall): Promise<string | Response> {
		const verified = await jwtVerify(headers.get('dpop') ?? '', EmbeddedJWK, {
			typ: 'dpop+jwt',
			algorithms: ['ES256'],
			requiredClaims: ['htm', 'htu', 'jti'],
			maxTokenAge: 60,
			currentDate: new Date(this.#now()),
		}).catch(() => undefined);
		if (!verified) return fault('invalid_dpop_proof');
		const { htm, htu, jti, nonce } = verified.payload;
		const wanted = this.#options.proofNonce;
		if (nonce !== wanted) return fault('use_dpop_nonce', 400, { 'dpop-nonce': wanted ?? '' });
		if (htm !== method || htu !== url.origin + url.pathname || this.#seen.has(String(jti)))
			return fault('invalid_dpop_proof');
		this.#seen.add(String(jti));
		return calculateJwkThumbprint(verified.protectedHeader.jwk ?? {});
	}

	async token(call: EmulatedCall, forgery?: Forgery): Promise<Response> {
		const { form, url, headers } = call;
		const { id: clientId, secret } = { secret: undefined, ...clientIn(headers, form) };
		const client = this.#clientOf(clientId);
		if (!client || client.secret !== secret) return fault('invalid_client', 401);
		const jkt = await this.#proven(call);
		if (jkt instanceof Response) return jkt;
		const grant = this.#grants.redeem(redemptionIn(form, clientId));
		if (typeof grant === 'string' || grant.asked.get('dpop_jkt') !== jkt) return fault('invalid_grant');
		return this.#tokens({ origin: url.origin, jkt, grant, forgery });
	}

	async #tokens(to: {
		origin: string;
		jkt: string;
		grant: Grant;
		forgery: Forgery | undefined;
	}): Promise<Response> {
		const { origin, jkt, grant, forgery } = to;
		const { boundIn = 'id token', misbound, webid = webidOf(origin, grant.person) } = this.#options;
		const boundTo = (where: string) => (boundIn === where ? { cnf: { jkt } } : {});
		const azp = grant.asked.get('client_id') ?? '';
		const nonce = grant.asked.get('nonce') ?? '';
		const claims = { iss: `${origin}/`, sub: webid, webid, azp };
		return Response.json({
			access_token: await this.#idTokens.sign(
				{ ...claims, aud: 'solid', ...boundTo('access token') },
				{ header: { typ: 'at+jwt' }, ...(misbound ? another : {}) },
			),
			token_type: 'DPoP',
			expires_in: 300,
			id_token: await this.#idTokens.sign(
				{ ...claims, aud: [azp, 'solid'], nonce, ...boundTo('id token') },
				forgery,
			),
		});
	}

	keys(): Response {
		return this.#idTokens.jwks();
	}
}

/** Ways in which a profile names nobody, or somebody else. */
const profileFailures: Readonly<Record<string, EmulatedFailure>> = {
	'the profile lists another issuer': {
		at: 'GET /mei/card',
		answer: () => profile('Mei', 'https://other.example/'),
	},
	'the profile lists no issuer': {
		at: 'GET /mei/card',
		answer: () => turtle('<#me> a <http://xmlns.com/foaf/0.1/Person>.'),
	},
	'the profile is gone': { at: 'GET /mei/card', answer: () => new Response('', { status: 404 }) },
	'the profile is no Turtle': { at: 'GET /mei/card', answer: () => turtle('<#me> a') },
	'the profile is a page': {
		at: 'GET /mei/card',
		answer: ({ url }) =>
			new Response(
				`<${url.origin}/mei/card#me> <http://www.w3.org/ns/solid/terms#oidcIssuer> <${url.origin}/>.`,
				{
					headers: { 'content-type': 'text/html' },
				},
			),
	},
};

export async function startEmulator(port = 0, options: Options = {}): Promise<Emulator> {
	const now = options.now ?? wallClock;
	const solid = new SolidProvider(await createIdTokens(now, 'ES256'), options);
	const at = 'POST /token';
	const forged = solidForgeries.map((name): [string, EmulatedFailure] => [
		name,
		{ at, answer: (call) => solid.token(call, forgeryOf(name)) },
	]);
	const card = (person: string) => (call: EmulatedCall) => profile(person, `${call.url.origin}/`);
	return startVendor(
		{
			routes: {
				'GET /mei/card': card('Mei'),
				'GET /li/card': card('Li'),
				'GET /.well-known/openid-configuration': (call) => solid.discovery(call),
				'POST /register': (call) => solid.register(call),
				'GET /authorize': (call) => solid.authorize(call),
				[at]: (call) => solid.token(call),
				'GET /jwks': () => solid.keys(),
			},
			pages: ['GET /authorize'],
			failures: {
				...Object.fromEntries(forged),
				invalid_grant: { at, answer: () => fault('invalid_grant') },
				invalid_dpop_proof: { at, answer: () => fault('invalid_dpop_proof') },
				'tokens bound to nothing': {
					at,
					answer: async (call) => {
						const reply = (await (await solid.token(call)).json()) as Record<string, unknown>;
						return Response.json({ ...reply, token_type: 'Bearer' });
					},
				},
				'nonsense tokens': { at, answer: () => new Response('<html>hello</html>') },
				'registration is closed': { at: 'POST /register', answer: () => fault('access_denied', 403) },
				...profileFailures,
			},
			endpoints: { web: '/' },
			config: { clientName: 'Menshen' },
			forget: () => solid.forget(),
		},
		port,
	);
}
