/**
 * The table of all refusals. A code names what happened (`area/what-happened`) and is never reused.
 * Each code has a text in en and zh-CN (`messages/errors`), a line in docs/errors.md and a test that raises it.
 */

/** The error names OAuth 2.0 and OpenID Connect know (RFC 6749 §4.1.2.1 and §5.2, OIDC Core §3.1.2.6). */
type OAuthError =
	| 'access_denied'
	| 'invalid_client'
	| 'invalid_request'
	| 'login_required'
	| 'server_error'
	| 'temporarily_unavailable';

/** The tRPC 11 codes for refusals. */
export type TrpcCode =
	| 'BAD_REQUEST'
	| 'CONFLICT'
	| 'FORBIDDEN'
	| 'INTERNAL_SERVER_ERROR'
	| 'NOT_FOUND'
	| 'PAYLOAD_TOO_LARGE'
	| 'PRECONDITION_FAILED'
	| 'SERVICE_UNAVAILABLE'
	| 'TOO_MANY_REQUESTS'
	| 'UNAUTHORIZED';

interface ErrorEntry {
	readonly status: number;
	readonly trpc: TrpcCode;
	readonly oauth: OAuthError;
}

const refused = (status: number, trpc: TrpcCode, oauth: OAuthError = 'invalid_request'): ErrorEntry => ({
	status,
	trpc,
	oauth,
});

export const errors = {
	// Signing in
	'auth/invalid-credentials': refused(401, 'UNAUTHORIZED', 'access_denied'),
	'auth/not-signed-in': refused(401, 'UNAUTHORIZED', 'login_required'),
	'auth/fresh-sign-in-required': refused(401, 'UNAUTHORIZED', 'login_required'),
	'auth/account-disabled': refused(403, 'FORBIDDEN', 'access_denied'),
	'auth/forbidden': refused(403, 'FORBIDDEN', 'access_denied'),
	'auth/registration-closed': refused(403, 'FORBIDDEN', 'access_denied'),
	'auth/method-unavailable': refused(403, 'FORBIDDEN', 'access_denied'),
	'auth/proof-required': refused(403, 'FORBIDDEN', 'access_denied'),
	'auth/too-many-attempts': refused(429, 'TOO_MANY_REQUESTS', 'temporarily_unavailable'),
	'auth/cancelled': refused(403, 'FORBIDDEN', 'access_denied'),
	'auth/not-accepted': refused(400, 'BAD_REQUEST', 'access_denied'),
	'auth/number-not-served': refused(400, 'BAD_REQUEST', 'access_denied'),
	'auth/last-way-in': refused(409, 'CONFLICT'),
	'auth/passkey-copied': refused(401, 'UNAUTHORIZED', 'access_denied'),
	'auth/code-invalid': refused(400, 'BAD_REQUEST', 'access_denied'),

	// Sign-in under way
	'interaction/expired': refused(410, 'PRECONDITION_FAILED'),
	'interaction/not-yours': refused(410, 'PRECONDITION_FAILED'),

	// Input
	'input/invalid': refused(400, 'BAD_REQUEST'),
	'input/too-large': refused(413, 'PAYLOAD_TOO_LARGE'),
	'input/outdated': refused(409, 'CONFLICT'),
	'user/username-taken': refused(409, 'CONFLICT'),
	'user/identifier-taken': refused(409, 'CONFLICT'),
	'user/identifier-required': refused(409, 'CONFLICT'),
	'identity/taken': refused(409, 'CONFLICT'),
	'identity/not-found': refused(404, 'NOT_FOUND'),
	'user/not-found': refused(404, 'NOT_FOUND'),
	'password/too-short': refused(400, 'BAD_REQUEST'),
	'password/too-long': refused(400, 'BAD_REQUEST'),
	'password/too-common': refused(400, 'BAD_REQUEST'),
	'password/contains-name': refused(400, 'BAD_REQUEST'),

	// Apps and what belongs to them
	'app/not-found': refused(404, 'NOT_FOUND'),
	'app/id-taken': refused(409, 'CONFLICT'),
	'app/damaged': refused(503, 'SERVICE_UNAVAILABLE', 'temporarily_unavailable'),
	'client/not-found': refused(404, 'NOT_FOUND'),
	'client/id-taken': refused(409, 'CONFLICT'),
	'client/redirect-invalid': refused(400, 'BAD_REQUEST'),
	'role/not-found': refused(404, 'NOT_FOUND'),
	'role/is-default': refused(409, 'CONFLICT'),
	'image/not-supported': refused(400, 'BAD_REQUEST'),
	'config/invalid': refused(400, 'BAD_REQUEST'),

	// Operators
	'setup/code-invalid': refused(403, 'FORBIDDEN', 'access_denied'),
	'setup/already-done': refused(409, 'CONFLICT'),
	'operator/not-found': refused(404, 'NOT_FOUND'),
	'operator/email-taken': refused(409, 'CONFLICT'),
	'operator/last-owner': refused(409, 'CONFLICT'),

	// Plugins
	'plugin/not-found': refused(404, 'NOT_FOUND'),
	'plugin/not-enabled': refused(403, 'FORBIDDEN', 'access_denied'),
	'plugin/config-invalid': refused(400, 'BAD_REQUEST'),
	'plugin/egress-refused': refused(502, 'FORBIDDEN', 'server_error'),
	'plugin/provider-unavailable': refused(503, 'SERVICE_UNAVAILABLE', 'temporarily_unavailable'),
	'plugin/settings-unjudged': refused(503, 'SERVICE_UNAVAILABLE', 'temporarily_unavailable'),
	'plugin/changed': refused(409, 'CONFLICT'),
	'plugin/outbox-not-allowed': refused(400, 'BAD_REQUEST'),
	'sender/not-configured': refused(503, 'SERVICE_UNAVAILABLE', 'temporarily_unavailable'),
	'message/not-found': refused(404, 'NOT_FOUND'),

	// The edge
	'edge/cross-site': refused(403, 'FORBIDDEN'),
	'edge/wrong-address': refused(421, 'PRECONDITION_FAILED'),
	'edge/not-found': refused(404, 'NOT_FOUND'),

	// The appliance itself
	'storage/full': refused(503, 'SERVICE_UNAVAILABLE', 'temporarily_unavailable'),
	'storage/unavailable': refused(503, 'SERVICE_UNAVAILABLE', 'temporarily_unavailable'),
	'server/unexpected': refused(500, 'INTERNAL_SERVER_ERROR', 'server_error'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errors;

/** Values that a message text may name, e.g. `{ min: 8 }`. Shown to people: never a secret. */
export type RefusalParams = Readonly<Record<string, string | number>>;

interface RefusalOptions {
	/** Values for the text. */
	params?: RefusalParams;
	/** Which form fields are at fault, each with its own code. */
	fields?: Readonly<Record<string, ErrorCode>>;
	/** For the log only, next to the request id. Never leaves the server. */
	detail?: string;
	cause?: unknown;
}

/**
 * A refusal with a code. Flows throw it, pages and the API translate it by the table above (`edge/outcome.ts`,
 * `trpc/`): any other thrown value is a bug and reaches people as `server/unexpected`.
 */
export class Refusal extends Error {
	readonly code: ErrorCode;
	readonly params: RefusalParams;
	readonly fields: Readonly<Record<string, ErrorCode>>;
	readonly detail: string | undefined;

	constructor(code: ErrorCode, options: RefusalOptions = {}) {
		super(code, { cause: options.cause });
		this.name = 'Refusal';
		this.code = code;
		this.params = options.params ?? {};
		this.fields = options.fields ?? {};
		this.detail = options.detail;
	}

	get status(): number {
		return errors[this.code].status;
	}
}

/** The key of a code's text in `messages/errors`, e.g. `error_auth_invalid_credentials`. */
export function messageKeyOf(code: ErrorCode): string {
	return `error_${code.replace(/[/-]/g, '_')}`;
}
