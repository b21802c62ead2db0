/**
 * The first half of a trial sign-in: discovery, PKCE (RFC 7636 §4), state and nonce, and the authorization
 * request. What the second half needs waits in this tab's session storage and is used once.
 */

export interface TrialClient {
	clientId: string;
	redirectUri: string;
	issuer: string;
}

/** The fields of a provider's discovery document that a trial needs (OIDC Discovery §3). */
export interface Metadata {
	issuer: string;
	authorization_endpoint: string;
	token_endpoint: string;
	userinfo_endpoint: string;
	jwks_uri: string;
}

export interface Trial extends TrialClient {
	verifier: string;
	state: string;
	nonce: string;
	metadata: Metadata;
	/** The authorization request as it was sent. */
	request: string;
	/** How long discovery took, in ms. */
	discoveryMs: number;
}

const keyOf = (app: number) => `menshen-try-${app}`;

const base64url = (bytes: Uint8Array): string =>
	btoa(String.fromCharCode(...bytes))
		.replaceAll('+', '-')
		.replaceAll('/', '_')
		.replace(/=+$/, '');

const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

async function challengeOf(verifier: string): Promise<string> {
	return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

async function discover(issuer: string): Promise<{ metadata: Metadata; ms: number }> {
	const from = performance.now();
	const answer = await window.fetch(`${issuer}/.well-known/openid-configuration`);
	if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`);
	return { metadata: (await answer.json()) as Metadata, ms: Math.round(performance.now() - from) };
}

/** Leaves the page for the authorization endpoint. @throws Error when discovery fails or the page is not a secure context */
export async function begin(
	client: TrialClient,
	wish: { app: number; scope: string; again: boolean },
): Promise<void> {
	const { metadata, ms } = await discover(client.issuer);
	const [verifier, state, nonce] = [randomText(), randomText(), randomText()];
	const request = new URL(metadata.authorization_endpoint);
	request.search = new URLSearchParams({
		response_type: 'code',
		client_id: client.clientId,
		redirect_uri: client.redirectUri,
		scope: wish.scope,
		state,
		nonce,
		code_challenge: await challengeOf(verifier),
		code_challenge_method: 'S256',
		...promptOf(wish),
	}).toString();
	const trial: Trial = {
		...client,
		verifier,
		state,
		nonce,
		metadata,
		request: request.href,
		discoveryMs: ms,
	};
	sessionStorage.setItem(keyOf(wish.app), JSON.stringify(trial));
	window.location.assign(request);
}

/** A refresh token is given only with consent (OIDC Core §11). */
function promptOf({ scope, again }: { scope: string; again: boolean }): { prompt?: string } {
	const prompts = [...(again ? ['login'] : []), ...(scope.includes('offline_access') ? ['consent'] : [])];
	return prompts.length > 0 ? { prompt: prompts.join(' ') } : {};
}

/** The trial under way in this tab; it can be taken once. */
export function takeTrial(app: number): Trial | undefined {
	const stored = sessionStorage.getItem(keyOf(app));
	sessionStorage.removeItem(keyOf(app));
	return stored ? (JSON.parse(stored) as Trial) : undefined;
}
