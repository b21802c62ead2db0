/**
 * The keys of an emulated OpenID issuer, the ID tokens it signs, and each way in which such a token can be
 * wrong. All code that reads ID tokens has to refuse every forgery: its tests go through the whole table.
 */
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export interface Forgery {
	claims?(claims: JWTPayload): JWTPayload;
	/** Default: the issuer's own key and algorithm. */
	sign?: 'stranger' | 'none' | 'hs256-with-public-key' | 'another-algorithm';
	header?: Readonly<Record<string, string>>;
}

const without =
	(name: string) =>
	(claims: JWTPayload): JWTPayload =>
		Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));
const withClaims =
	(change: JWTPayload) =>
	(claims: JWTPayload): JWTPayload => ({ ...claims, ...change });
const moved =
	(name: 'exp' | 'iat', seconds: number) =>
	(claims: JWTPayload): JWTPayload => ({ ...claims, [name]: Number(claims['iat']) + seconds });

export const forgeries = {
	'id token of another issuer': { claims: withClaims({ iss: 'https://other.example' }) },
	'id token without iss': { claims: without('iss') },
	'id token for another client': { claims: withClaims({ aud: 'another-client' }) },
	'id token for several clients, asked for by another': {
		claims: (claims) => ({ ...claims, aud: [String(claims.aud), 'another'], azp: 'another' }),
	},
	'id token for several clients, asked for by nobody': {
		claims: (claims) => ({ ...without('azp')(claims), aud: [String(claims.aud), 'another'] }),
	},
	'id token without aud': { claims: without('aud') },
	'id token of another sign-in (nonce)': { claims: withClaims({ nonce: 'of-another-sign-in' }) },
	'id token without nonce': { claims: without('nonce') },
	'id token that has expired': { claims: (claims) => moved('exp', -61)(claims) },
	'id token without exp': { claims: without('exp') },
	'id token from the future': { claims: (claims) => moved('iat', 3600)(claims) },
	'id token of long ago': { claims: (claims) => moved('iat', -3600)(claims) },
	'id token without iat': { claims: without('iat') },
	'id token without sub': { claims: without('sub') },
	'id token with an empty sub': { claims: withClaims({ sub: '' }) },
	'id token with a number for sub': { claims: (claims) => ({ ...claims, sub: 42 as unknown as string }) },
	'id token without a signature (alg none)': { sign: 'none' },
	'id token in HS256 with the public key': { sign: 'hs256-with-public-key' },
	'id token in an algorithm that is not offered': { sign: 'another-algorithm' },
	'id token signed by a stranger': { sign: 'stranger' },
	'id token signed by a stranger under an unknown key id': { sign: 'stranger', header: { kid: 'unknown' } },
	'access token in place of an id token': { header: { typ: 'at+jwt' } },
} satisfies Record<string, Forgery>;
export type ForgeryName = keyof typeof forgeries;
export const forgeryNames = Object.keys(forgeries) as ForgeryName[];

export interface IdTokens {
	/** As `jwks_uri` answers it. */
	jwks(): Response;
	/** @param claims without `iat` and `exp`: now, and in an hour */
	sign(claims: JWTPayload, forgery?: Forgery): Promise<string>;
}

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (ms: number): number => Math.floor(ms / 1000);

/** @param now milliseconds since 1970 */
export async function createIdTokens(now: () => number, alg: 'RS256' | 'ES256' = 'RS256'): Promise<IdTokens> {
	const [own, stranger, another] = await Promise.all([
		generateKeyPair(alg, { extractable: true }),
		generateKeyPair(alg),
		generateKeyPair('ES384', { extractable: true }),
	]);
	const spki = await exportSPKI(own.publicKey);
	const keys = [
		{ ...(await exportJWK(own.publicKey)), kid: 'own', use: 'sig', alg },
		// Its owner signs other things with it.
		{ ...(await exportJWK(another.publicKey)), kid: 'another', use: 'sig', alg: 'ES384' },
	];
	return {
		jwks: () => Response.json({ keys }),
		async sign(claims, forgery: Forgery = {}) {
			const { claims: forge = (same: JWTPayload) => same, sign, header: more } = forgery;
			const iat = seconds(now());
			const payload = forge({ iat, exp: iat + 3600, ...claims });
			const sealed = (header: { alg: string; kid: string }, key: CryptoKey | Uint8Array) =>
				new SignJWT(payload).setProtectedHeader({ ...header, ...more }).sign(key);
			if (sign === 'none') return `${segment({ alg: 'none', kid: 'own' })}.${segment(payload)}.`;
			if (sign === 'hs256-with-public-key')
				return sealed({ alg: 'HS256', kid: 'own' }, new TextEncoder().encode(spki));
			if (sign === 'another-algorithm') return sealed({ alg: 'ES384', kid: 'another' }, another.privateKey);
			return sealed({ alg, kid: 'own' }, (sign === 'stranger' ? stranger : own).privateKey);
		},
	};
}

/** Real time, for emulators that people use by hand. */
export const wallClock = (): number => Date.now();
