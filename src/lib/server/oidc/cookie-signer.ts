/**
 * Signs the engine's cookies and checks them. What the engine would use itself makes its keys anew for each of
 * the three HMACs that one look at a cookie takes it: half the time of finding whose page is asked for.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';

/** As the engine's cookies call it. */
export interface CookieSigner {
	sign(data: string): string;
	/** @returns 0 where it was signed with the key, else -1 */
	index(data: string, signature: string): number;
	verify(data: string, signature: string): boolean;
}

/** HMAC-SHA-256, base64url. */
export function createCookieSigner(secret: string): CookieSigner {
	const key = createSecretKey(secret, 'utf8');
	const sign = (data: string) => createHmac('sha256', key).update(data).digest('base64url');
	const verify = (data: string, signature: string) => {
		const [right, given] = [Buffer.from(sign(data)), Buffer.from(signature)];
		return right.length === given.length && timingSafeEqual(right, given);
	};
	return { sign, verify, index: (data, signature) => (verify(data, signature) ? 0 : -1) };
}
