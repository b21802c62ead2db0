/** What the API asks of the OpenID Connect engine about a bearer token, without knowing the engine. */

interface FoundAccessToken {
	/** The user it was issued for. */
	userId: string;
	clientId: string;
	scopes: readonly string[];
}

/** @returns undefined for a token that is unknown, expired, revoked, of another app, or without a user */
export type FindAccessToken = (app: number, token: string) => Promise<FoundAccessToken | undefined>;
