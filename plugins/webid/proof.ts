/** Proof of possession (DPoP, RFC 9449): each request to the provider is signed with a key of this sign-in alone. */
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { proofKeySchema, type ProofKey } from './replies';

export async function newProofKey(): Promise<ProofKey> {
	const { privateKey } = await generateKeyPair('ES256', { extractable: true });
	return proofKeySchema.parse(await exportJWK(privateKey));
}

export const thumbprintOf = (key: ProofKey): Promise<string> => calculateJwkThumbprint(key);

export interface ProofOf {
	method: 'POST';
	url: string;
	/** Milliseconds since 1970. */
	now: number;
	/** The provider's, where it asks for one. */
	nonce?: string;
}

/** The value of the `DPoP` header (RFC 9449 §4.2). */
export async function proofFor(key: ProofKey, { method, url, now, nonce }: ProofOf): Promise<string> {
	const { kty, crv, x, y } = key;
	const { origin, pathname } = new URL(url);
	const claims = { htm: method, htu: origin + pathname, jti: randomUUID(), ...(nonce ? { nonce } : {}) };
	return new SignJWT(claims)
		.setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } })
		.setIssuedAt(Math.floor(now / 1000))
		.sign(await importJWK({ ...key, alg: 'ES256' }));
}
