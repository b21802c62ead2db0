/** Apple's client secret: a short-lived statement that the operator's key signs, made for each call. */
import { SignJWT } from 'jose';
import type { OAuthClient } from '@menshen/plugin-kit/oauth2';
import type { Config } from './config';

export const issuer = 'https://appleid.apple.com';
const lifetime = 300;

/** @param now milliseconds since 1970 */
export async function clientOf(config: Config, now: number): Promise<OAuthClient> {
	const seconds = Math.floor(now / 1000);
	const secret = await new SignJWT({})
		.setProtectedHeader({ alg: 'ES256', kid: config.keyId })
		.setIssuer(config.teamId)
		.setSubject(config.servicesId)
		.setAudience(issuer)
		.setIssuedAt(seconds)
		.setExpirationTime(seconds + lifetime)
		.sign(config.privateKey);
	return { id: config.servicesId, secret, auth: 'post' };
}
