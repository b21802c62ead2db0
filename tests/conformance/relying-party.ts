/** A relying party on openid-client, which knows nothing of the appliance but its issuer. */
import * as client from 'openid-client';
import type { Browser, Page } from './browser';

export interface RelyingPartyOptions {
	issuer: URL;
	id: string;
	/** Absent: a public client. */
	secret?: string;
	redirectUri?: string;
	scope?: string;
	auth?: client.ClientAuth;
}

export type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;

export interface AuthorizationRequest {
	url: URL;
	verifier: string;
	state: string;
	nonce: string;
}

export class RelyingParty {
	readonly config: client.Configuration;
	readonly redirectUri: string;
	readonly #scope: string;

	private constructor(config: client.Configuration, options: RelyingPartyOptions) {
		this.config = config;
		this.redirectUri = options.redirectUri ?? 'https://rp.example/cb';
		this.#scope = options.scope ?? 'openid profile email';
	}

	static async discover(options: RelyingPartyOptions): Promise<RelyingParty> {
		const auth =
			options.auth ??
			(options.secret === undefined ? client.None() : client.ClientSecretBasic(options.secret));
		const config = await client.discovery(options.issuer, options.id, options.secret, auth, {
			execute: [client.allowInsecureRequests],
		});
		return new RelyingParty(config, options);
	}

	async request(extra: Record<string, string> = {}): Promise<AuthorizationRequest> {
		const verifier = client.randomPKCECodeVerifier();
		const [state, nonce] = [client.randomState(), client.randomNonce()];
		const parameters = {
			redirect_uri: this.redirectUri,
			scope: this.#scope,
			code_challenge: await client.calculatePKCECodeChallenge(verifier),
			code_challenge_method: 'S256',
			state,
			nonce,
			...extra,
		};
		return { url: client.buildAuthorizationUrl(this.config, parameters), verifier, state, nonce };
	}

	redeem(at: URL, request: AuthorizationRequest): Promise<Tokens> {
		return client.authorizationCodeGrant(this.config, at, {
			pkceCodeVerifier: request.verifier,
			expectedState: request.state,
			expectedNonce: request.nonce,
			idTokenExpected: true,
		});
	}

	/** Signs in wherever the appliance asks, allows what it asks. @returns the page outside, and what was asked on the way */
	async authorize(
		browser: Browser,
		as: string,
		extra: Record<string, string> = {},
	): Promise<{ page: Page; request: AuthorizationRequest; asked: string[] }> {
		const request = await this.request(extra);
		const asked: string[] = [];
		let page = await browser.open(request.url);
		while (!page.left && page.status === 200 && page.body.startsWith('{') && asked.length < 5) {
			const { kind } = JSON.parse(page.body) as { kind: string };
			asked.push(kind);
			page = await browser.open(page.url, kind === 'consent' ? { decision: 'allow' } : { identifier: as });
		}
		return { page, request, asked };
	}

	async signIn(
		browser: Browser,
		as: string,
		extra: Record<string, string> = {},
	): Promise<Tokens & { asked: string[] }> {
		const { page, request, asked } = await this.authorize(browser, as, extra);
		if (!page.left) throw new Error(`stopped at ${page.url.href}: ${page.status} ${page.body.slice(0, 600)}`);
		return Object.assign(await this.redeem(page.url, request), { asked });
	}
}

/** The status that userinfo answers to a bearer. */
export async function userinfoStatus(issuer: URL, accessToken: string): Promise<number> {
	const response = await fetch(`${issuer.href}/oidc/userinfo`, {
		headers: { authorization: `Bearer ${accessToken}` },
	});
	await response.arrayBuffer();
	return response.status;
}

/** Redeems a code as bare as can be. @returns status and body */
export async function redeemBare(
	rp: RelyingParty,
	code: string,
	request: AuthorizationRequest,
): Promise<{ status: number; body: Record<string, string> }> {
	const { client_id: id, client_secret: secret } = rp.config.clientMetadata();
	const form = {
		grant_type: 'authorization_code',
		code,
		redirect_uri: rp.redirectUri,
		code_verifier: request.verifier,
	};
	return postForm(rp.config.serverMetadata().token_endpoint ?? '', {
		...form,
		client_id: id,
		...(secret ? { client_secret: secret } : {}),
	});
}

export async function refreshBare(
	rp: RelyingParty,
	token: string,
): Promise<{ status: number; body: Record<string, string> }> {
	const { client_id: id, client_secret: secret } = rp.config.clientMetadata();
	const form = {
		grant_type: 'refresh_token',
		refresh_token: token,
		client_id: id,
		...(secret ? { client_secret: secret } : {}),
	};
	return postForm(rp.config.serverMetadata().token_endpoint ?? '', form);
}

export async function postForm(
	url: string,
	form: Record<string, string>,
): Promise<{ status: number; body: Record<string, string> }> {
	const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
	const text = await response.text();
	return { status: response.status, body: (text ? JSON.parse(text) : {}) as Record<string, string> };
}
