/** Which claims a scope opens (OIDC Core §5.4), and which scopes are kept for first-party clients. */

export const scopeClaims = {
	openid: ['sub', 'amr', 'auth_time'],
	profile: ['name', 'preferred_username', 'locale', 'updated_at'],
	email: ['email', 'email_verified'],
	phone: ['phone_number', 'phone_number_verified'],
	role: ['role', 'roles'],
} as const;

export const publicScopes = [...Object.keys(scopeClaims), 'offline_access'];
/** They give access to our own API (docs/api.md, "Who calls"). */
export const firstPartyScopes = ['menshen.me', 'menshen.admin'];

export const scopesOf = (value: unknown): string[] =>
	typeof value === 'string' ? [...new Set(value.split(' ').filter(Boolean))] : [];
