/** What an operator may set for one client (relying party). The apply file has the same names. */
import { z } from 'zod';
import { webUrl } from './app-settings';

const clientId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/);

/** Hosts that name this machine: http is safe there (RFC 8252 §7.3). */
export const loopbackHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * A redirect URI as registered: complete, no fragment, no user or password, https; http only for this
 * machine; other schemes for native clients only, in reverse-domain form (RFC 8252 §7.1).
 */
export function isRedirectUri(value: string, applicationType: 'web' | 'native'): boolean {
	if (!isPlainAddress(value)) return false;
	const url = new URL(value);
	const isLoopback = loopbackHosts.includes(url.hostname);
	if (url.protocol === 'http:') return isLoopback;
	// A native client listens on this machine without TLS, or not at all (RFC 8252 §7.3).
	if (url.protocol === 'https:') return applicationType === 'web' || !isLoopback;
	return applicationType === 'native' && /^[a-z][a-z0-9+-]*(\.[a-z0-9-]+)+:$/.test(url.protocol);
}

/** No text that parsers read in two ways. */
function isPlainAddress(value: string): boolean {
	if (!URL.canParse(value) || /[#*\s\\]/.test(value)) return false;
	const { username, password } = new URL(value);
	return !username && !password;
}

const uris = z.array(z.string().trim().min(1).max(2048)).max(50).default([]);

export const clientSettingsSchema = z
	.strictObject({
		id: clientId,
		name: z.string().trim().min(1).max(80),
		website: webUrl.or(z.literal('')).default(''),
		/** Whether it can keep a secret. A public client has none. */
		confidential: z.boolean().default(false),
		applicationType: z.enum(['web', 'native']).default('web'),
		/** true: no consent page, and it may hold the scopes `menshen.me` and `menshen.admin`. */
		firstParty: z.boolean().default(false),
		/** Off only for a confidential client that cannot do PKCE: it must then send a nonce. */
		pkceRequired: z.boolean().default(true),
		redirectUris: uris,
		postLogoutRedirectUris: uris,
		backchannelLogoutUri: webUrl.or(z.literal('')).default(''),
		idTokenAlg: z.enum(['RS256', 'ES256']).default('RS256'),
	})
	.superRefine((client, context) => {
		for (const field of ['redirectUris', 'postLogoutRedirectUris'] as const)
			for (const uri of client[field])
				if (!isRedirectUri(uri, client.applicationType))
					context.addIssue({ code: 'custom', path: [field], message: uri, params: { redirect: uri } });
		if (!client.pkceRequired && !client.confidential)
			context.addIssue({
				code: 'custom',
				path: ['pkceRequired'],
				message: 'a public client always uses PKCE',
			});
	});
export type ClientSettings = z.output<typeof clientSettingsSchema>;
