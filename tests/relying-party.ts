/** A real relying party on loopback, built on openid-client: what an app developer would write. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRemoteJWKSet, jwtVerify, type JWTPayload } from 'jose';
import * as client from 'openid-client';
import { freePort } from './appliance';

export interface RelyingPartyOptions {
	issuer: string;
	port?: number;
	clientId: string;
	clientSecret?: string;
	scope?: string;
	/** Sent along with each authorization request. */
	parameters?: Record<string, string>;
}

interface Visit {
	verifier: string;
	state: string;
	nonce: string;
	tokens?: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;
}

export interface RelyingParty {
	readonly origin: string;
	readonly redirectUri: string;
	/** Tokens of the sign-in that arrived last. */
	tokens(): NonNullable<Visit['tokens']>;
	/** Claims of the ID token, checked by openid-client. */
	claims(): client.IDToken;
	userinfo(): Promise<client.UserInfoResponse>;
	refresh(): Promise<NonNullable<Visit['tokens']>>;
	introspect(token: string): Promise<client.IntrospectionResponse>;
	revoke(token: string): Promise<void>;
	/** Logout tokens received on the back channel, signature and claims checked. */
	readonly logouts: JWTPayload[];
	/** While true the back channel answers 500. */
	broken: boolean;
	stop(): Promise<void>;
}

const page = (text: string) =>
	`<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>Relying party</title><h1>${text}</h1>
	<p><a href="/login">Sign in</a></p><p><a href="/logout">Sign out everywhere</a></p>`;

export async function startRelyingParty(options: RelyingPartyOptions): Promise<RelyingParty> {
	const port = options.port ?? (await freePort());
	const origin = `http://127.0.0.1:${port}`;
	const redirectUri = `${origin}/cb`;
	const authentication = options.clientSecret
		? client.ClientSecretBasic(options.clientSecret)
		: client.None();
	const config = await client.discovery(
		new URL(options.issuer),
		options.clientId,
		undefined,
		authentication,
		{
			execute: [client.allowInsecureRequests],
		},
	);
	const jwks = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri ?? ''));
	let visit: Visit = { verifier: '', state: '', nonce: '' };
	const logouts: JWTPayload[] = [];

	const login = async (res: ServerResponse) => {
		visit = {
			verifier: client.randomPKCECodeVerifier(),
			state: client.randomState(),
			nonce: client.randomNonce(),
		};
		const url = client.buildAuthorizationUrl(config, {
			redirect_uri: redirectUri,
			scope: options.scope ?? 'openid profile email offline_access',
			code_challenge: await client.calculatePKCECodeChallenge(visit.verifier),
			code_challenge_method: 'S256',
			state: visit.state,
			nonce: visit.nonce,
			...((options.scope ?? 'offline_access').includes('offline_access') ? { prompt: 'consent' } : {}),
			...options.parameters,
		});
		res.writeHead(303, { location: url.href }).end();
	};
	const callback = async (url: URL, res: ServerResponse) => {
		visit.tokens = await client.authorizationCodeGrant(config, url, {
			pkceCodeVerifier: visit.verifier,
			expectedState: visit.state,
			expectedNonce: visit.nonce,
			idTokenExpected: true,
		});
		res
			.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
			.end(page(`Signed in as ${visit.tokens.claims()?.sub ?? ''}`));
	};
	const backchannel = async (req: IncomingMessage, res: ServerResponse) => {
		let body = '';
		for await (const chunk of req) body += String(chunk);
		if (party.broken) return void res.writeHead(500).end();
		const { payload } = await jwtVerify(new URLSearchParams(body).get('logout_token') ?? '', jwks, {
			issuer: options.issuer,
			audience: options.clientId,
			typ: 'logout+jwt',
		});
		logouts.push(payload);
		res.writeHead(204).end();
	};
	const logout = (res: ServerResponse) => {
		const url = client.buildEndSessionUrl(config, {
			post_logout_redirect_uri: `${origin}/bye`,
			...(visit.tokens?.id_token ? { id_token_hint: visit.tokens.id_token } : {}),
		});
		res.writeHead(303, { location: url.href }).end();
	};
	const route = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
		const url = new URL(req.url ?? '/', origin);
		if (url.pathname === '/login') return login(res);
		if (url.pathname === '/cb') return callback(url, res);
		if (url.pathname === '/bcl') return backchannel(req, res);
		if (url.pathname === '/logout') return logout(res);
		const text = url.pathname === '/bye' ? 'Signed out' : 'Welcome';
		res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(text));
	};
	const server = createServer((req, res) => {
		route(req, res).catch((error: unknown) => {
			const text = error instanceof Error ? `${error.name}: ${error.message}` : 'failed';
			res
				.writeHead(400, { 'content-type': 'text/html; charset=utf-8' })
				.end(page(text.replace(/[<>&]/g, ' ')));
		});
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	const tokens = () => {
		if (!visit.tokens) throw new Error('nobody signed in yet');
		return visit.tokens;
	};
	const party: RelyingParty = {
		origin,
		redirectUri,
		logouts,
		broken: false,
		tokens,
		claims() {
			const claims = tokens().claims();
			if (!claims) throw new Error('no ID token');
			return claims;
		},
		userinfo: () => client.fetchUserInfo(config, tokens().access_token, tokens().claims()?.sub ?? ''),
		async refresh() {
			visit.tokens = await client.refreshTokenGrant(config, tokens().refresh_token ?? '');
			return tokens();
		},
		introspect: (token) => client.tokenIntrospection(config, token),
		revoke: (token) => client.tokenRevocation(config, token),
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		},
	};
	return party;
}
