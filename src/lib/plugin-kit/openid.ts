/**
 * OpenID Connect for plugins: an issuer's document, its keys, and whether an ID token is from it, for us and still
 * valid (OpenID Connect Core §3.1.3.7). Signatures with public keys only: a token that names `none`, or a symmetric
 * algorithm keyed with the public key, is refused before any key is used. Not part of the kit's index: only plugins
 * that need it load jose.
 */
import {
	createLocalJWKSet,
	errors,
	jwtVerify,
	type JWTHeaderParameters,
	type JWTPayload,
	type JWTVerifyGetKey,
} from 'jose';
import { z } from 'zod';
import type { HttpReply } from './context';
import { PluginFailure } from './failures';
import type { ExternalSubject } from './kinds';
import { jsonOf } from './replies';

const signingAlgorithms = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

const address = z.url({ protocol: /^https?$/ }).max(2048);

/** OpenID Connect Discovery §3: the fields that are used. */
const discoverySchema = z.object({
	issuer: address,
	authorization_endpoint: address,
	token_endpoint: address,
	jwks_uri: address,
	userinfo_endpoint: address.optional(),
	registration_endpoint: address.optional(),
	id_token_signing_alg_values_supported: z.array(z.string()).optional(),
	token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
	authorization_response_iss_parameter_supported: z.boolean().optional(),
});
export type Discovery = z.output<typeof discoverySchema>;

/** Below the issuer's own address (Discovery §4). */
export const discoveryPath = '/.well-known/openid-configuration';

/** Whether two addresses name the same issuer; a slash at the end does not count. */
export const isSameIssuer = (one: string, other: string): boolean =>
	one.replace(/\/+$/, '') === other.replace(/\/+$/, '');

function discoveryOf(reply: HttpReply, issuers: readonly string[]): Discovery {
	if (reply.status !== 200) throw new PluginFailure('unavailable', `discovery answered HTTP ${reply.status}`);
	const discovery = jsonOf(reply, discoverySchema);
	if (!issuers.some((issuer) => isSameIssuer(issuer, discovery.issuer)))
		throw new PluginFailure('config', 'discovery names another issuer');
	return discovery;
}

/** The algorithms that both sides know; RS256 where the issuer names none. @throws {PluginFailure} `config` */
export function algorithmsOf(discovery: Discovery): readonly SigningAlgorithm[] {
	const named = discovery.id_token_signing_alg_values_supported ?? ['RS256'];
	const shared = signingAlgorithms.filter((each) => named.includes(each));
	if (shared.length === 0)
		throw new PluginFailure('config', `the issuer signs with none of ${signingAlgorithms.join(', ')}`);
	return shared;
}

/** A document of the vendor's: its address, and how to get it. */
export interface Source {
	/** The cache key, usually the address. */
	address: string;
	load(): Promise<HttpReply>;
	/** Milliseconds since 1970. */
	now: number;
}

const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });
type KeySet = ReturnType<typeof createLocalJWKSet>;

function keySetOf(reply: HttpReply): KeySet {
	if (reply.status !== 200)
		throw new PluginFailure('unavailable', `the key set answered HTTP ${reply.status}`);
	const { keys } = jsonOf(reply, jwksSchema);
	const usable = keys.filter(({ kty, use }) => ['RSA', 'EC', 'OKP'].includes(kty) && use !== 'enc');
	return createLocalJWKSet({ keys: usable });
}

interface Copies<T> {
	/** @param longestMs older copies are not used */
	get(source: Source, longestMs: number): T | undefined;
	load(source: Source, read: (reply: HttpReply) => T): Promise<T>;
}

/**
 * A limited number of documents, the least recently loaded one dropped first, as users may name any address
 * (WebID).
 */
function createCopies<T>(most: number): Copies<T> {
	const copies = new Map<string, { value: T; at: number }>();
	return {
		get({ address: where, now }, longestMs) {
			const copy = copies.get(where);
			return copy && now - copy.at <= longestMs ? copy.value : undefined;
		},
		async load(source, read) {
			const value = read(await source.load());
			copies.delete(source.address);
			copies.set(source.address, { value, at: source.now });
			const [oldest] = copies.keys();
			if (copies.size > most && oldest !== undefined) copies.delete(oldest);
			return value;
		},
	};
}

/** Finds the key that a token was signed with. */
export type KeyFinder = JWTVerifyGetKey;

export interface OpenidMemory {
	/**
	 * @param issuers what the document may call itself
	 * @throws {PluginFailure} `config` when it has another issuer, `unavailable` when it is invalid
	 */
	discovery(source: Source, issuers: readonly string[]): Promise<Discovery>;
	/** An unknown key makes it fetch again, at most every 30 seconds. */
	keys(source: Source): KeyFinder;
}

const freshMs = 600_000;
const pauseMs = 30_000;

/** What a plugin remembers of its issuers, one for all its calls: documents of the last ten minutes. */
export function createOpenidMemory(most = 64): OpenidMemory {
	const discoveries = createCopies<Discovery>(most);
	const keySets = createCopies<KeySet>(most);
	return {
		async discovery(source, issuers) {
			const known = discoveries.get(source, freshMs);
			if (known && issuers.some((issuer) => isSameIssuer(issuer, known.issuer))) return known;
			return discoveries.load(source, (reply) => discoveryOf(reply, issuers));
		},
		keys: (source) => async (header, token) => {
			const known = keySets.get(source, freshMs);
			const set = known ?? (await keySets.load(source, keySetOf));
			try {
				return await set(header, token);
			} catch (error) {
				const young = !known || keySets.get(source, pauseMs) !== undefined;
				if (!(error instanceof errors.JWKSNoMatchingKey) || young) throw error;
				return (await keySets.load(source, keySetOf))(header, token);
			}
		},
	};
}

export interface Expected {
	/** One of the names that the issuer goes by. */
	issuer: string | readonly string[];
	/** Our client id; several where several clients are one app. */
	audience: string | readonly string[];
	/** The nonce that the sign-in under way sent. */
	nonce?: string;
	/** Default: RS256 alone. */
	algorithms?: readonly SigningAlgorithm[];
	keys: KeyFinder;
	/** Milliseconds since 1970. */
	now: number;
}

export type IdTokenClaims = JWTPayload & { iss: string; sub: string };

/** Seconds that clocks may differ by, and the age that a token may have when it arrives. */
const clockTolerance = 60;
const maxTokenAge = 600;

const listOf = (value: string | readonly string[]): string[] =>
	typeof value === 'string' ? [value] : [...value];

async function verified(token: string, expected: Expected) {
	const options = {
		algorithms: [...(expected.algorithms ?? (['RS256'] as const))],
		issuer: listOf(expected.issuer),
		audience: listOf(expected.audience),
		requiredClaims: ['sub', 'exp', 'iat'],
		clockTolerance,
		maxTokenAge,
		currentDate: new Date(expected.now),
	};
	try {
		return await jwtVerify(token, expected.keys, options);
	} catch (error) {
		// A token without a key id, and several keys that could be meant: one of them has to fit.
		if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
		for await (const key of error) {
			const fits = await jwtVerify(token, key, options).catch((other: unknown) => {
				if (!(other instanceof errors.JWSSignatureVerificationFailed)) throw other;
			});
			if (fits) return fits;
		}
		throw error;
	}
}

/** A token for several clients names the one that asked for it. */
function isAskedForBy(clients: readonly string[], { aud, azp }: JWTPayload): boolean {
	if (azp === undefined) return !Array.isArray(aud) || aud.length === 1;
	return typeof azp === 'string' && clients.includes(azp);
}

/** Checks that jose does not make. @returns the claim at fault */
function faultIn(claims: JWTPayload, header: JWTHeaderParameters, expected: Expected): string | undefined {
	const { sub, nonce } = claims;
	if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') return 'typ';
	if (typeof sub !== 'string' || sub === '' || sub.length > 255) return 'sub';
	if (!isAskedForBy(listOf(expected.audience), claims)) return 'azp';
	return expected.nonce !== undefined && nonce !== expected.nonce ? 'nonce' : undefined;
}

function refusalOf(error: unknown): unknown {
	if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)
		return new PluginFailure('refused', `the ID token's ${error.claim} does not fit`, { cause: error });
	if (error instanceof errors.JOSEError)
		return new PluginFailure('refused', `the ID token was not accepted: ${error.code}`, { cause: error });
	if (error instanceof PluginFailure) return error;
	return new PluginFailure('unavailable', 'the issuer has keys that cannot be used', { cause: error });
}

/**
 * @returns the claims of a token that the issuer signed, for this client and this sign-in, minutes ago
 * @throws {PluginFailure} `refused` naming the claim at fault; `unavailable` when the keys cannot be had
 */
export async function verifyIdToken(token: string, expected: Expected): Promise<IdTokenClaims> {
	const { payload, protectedHeader } = await verified(token, expected).catch((error: unknown) => {
		throw refusalOf(error);
	});
	const fault = faultIn(payload, protectedHeader, expected);
	if (fault) throw new PluginFailure('refused', `the ID token's ${fault} does not fit`);
	return payload as IdTokenClaims;
}

const limited = (value: unknown, most: number): string | undefined =>
	typeof value === 'string' && value !== '' && value.length <= most ? value : undefined;

const isPicture = (value: string | undefined): value is string =>
	value !== undefined && URL.canParse(value) && new URL(value).protocol === 'https:';

/** The standard claims (OpenID Connect Core §5.1) as a profile; what does not fit is left out. */
export function profileOf(claims: Readonly<Record<string, unknown>>): ExternalSubject['profile'] {
	const name = limited(claims['name'], 200) ?? limited(claims['preferred_username'], 200);
	const avatar = limited(claims['picture'], 2048);
	const email = limited(claims['email'], 254);
	const locale = limited(claims['locale'], 35);
	return {
		...(name ? { name } : {}),
		...(isPicture(avatar) ? { avatar } : {}),
		...(email ? { email, emailVerified: claims['email_verified'] === true } : {}),
		...(locale ? { locale } : {}),
	};
}
