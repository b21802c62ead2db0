/** Tables of an app database. Times are integer milliseconds, booleans 0 or 1, JSON is text. */
import type { ColumnType, Generated } from 'kysely';

type Flag = 0 | 1;
type SetOnce<T> = ColumnType<T, T, never>;

interface UserTable {
	/** Counts up per app; OAuthApp's `id`. */
	number: Generated<number>;
	/** Opaque and lasting: OIDC `sub`, uni-id `uid`. */
	id: SetOnce<string>;
	username: string | null;
	username_key: string | null;
	email: string | null;
	/** Set once the email is proven: then it can be used to sign in, and no other user can have it. */
	email_key: string | null;
	/** The email's normalised form, proven or not: for finding, not unique. */
	email_contact: string | null;
	email_verified: Flag;
	phone: string | null;
	phone_key: string | null;
	phone_verified: Flag;
	name: string;
	name_key: string;
	locale: string | null;
	status: 'active' | 'disabled' | 'pending';
	created_at: SetOnce<number>;
	updated_at: number;
	last_sign_in_at: number | null;
	sign_in_count: number;
	/** OAuthApp's `point`, uni-id's `score`. */
	points: Generated<number>;
}

interface IdentityTable {
	id: SetOnce<string>;
	user_id: string;
	/** The plugin that first brought it. */
	connector: SetOnce<string>;
	/** The person's name at the vendor; never a key. */
	name: string;
	/** https address of a picture, or empty. */
	avatar: string;
	created_at: SetOnce<number>;
	last_used_at: number;
}

interface IdentitySubjectTable {
	/** The authority of the plugin that the name is from. */
	authority: SetOnce<string>;
	/** The scope within which the subject is unique, e.g. `openid:<appid>`. */
	scope: SetOnce<string>;
	subject: SetOnce<string>;
	identity_id: string;
}

interface PasskeyTable {
	/** The credential's id, as the browser sends it. */
	id: SetOnce<string>;
	user_id: string;
	connector: SetOnce<string>;
	/** Data of the plugin: public key, counter. */
	stored: string;
	name: string;
	created_at: SetOnce<number>;
	last_used_at: number | null;
}

interface UserMergeTable {
	id: SetOnce<string>;
	kept_user: SetOnce<string>;
	/** Disabled by the merge; kept so that it can be undone. */
	gone_user: SetOnce<string>;
	/** Sealed JSON: what was moved, and what was there before. */
	data: SetOnce<string>;
	created_at: SetOnce<number>;
	undone_at: number | null;
}

interface CredentialTable {
	id: SetOnce<string>;
	user_id: SetOnce<string>;
	/** The plugin that understands `secret`. */
	connector: SetOnce<string>;
	secret: string;
	created_at: SetOnce<number>;
	updated_at: number;
}

interface SessionTable {
	/** SHA-256 of the cookie's value. */
	id: string;
	user_id: SetOnce<string>;
	created_at: SetOnce<number>;
	/** The idle limit, extended by use. */
	expires_at: number;
	/** The absolute limit. */
	ends_at: SetOnce<number>;
	auth_time: number;
	amr: string;
	device: string;
	address: string;
	/** Digest of the engine's session id: ending either ends both. */
	engine_session: string | null;
}

interface RoleTable {
	id: SetOnce<string>;
	name: string;
	permissions: string;
	created_at: SetOnce<number>;
}

interface UserRoleTable {
	user_id: string;
	role_id: string;
	is_primary: Flag;
}

interface ClientTable {
	id: SetOnce<string>;
	name: string;
	/** Sealed; null for a public client. */
	secret: string | null;
	application_type: 'web' | 'native';
	first_party: Flag;
	/** 0 only for a confidential client that cannot do PKCE; it must send a nonce. */
	pkce_required: Flag;
	redirect_uris: string;
	post_logout_redirect_uris: string;
	backchannel_logout_uri: string | null;
	id_token_alg: 'RS256' | 'ES256';
	website: string;
	created_at: SetOnce<number>;
	updated_at: number;
}

interface ArtifactTable {
	/** The engine's model: AccessToken, AuthorizationCode, Grant, Interaction, RefreshToken, Session, … */
	model: SetOnce<string>;
	/** SHA-256 of the token or cookie value. */
	id: SetOnce<string>;
	payload: string;
	grant_id: string | null;
	uid: string | null;
	user_code: string | null;
	account_id: string | null;
	client_id: string | null;
	consumed_at: number | null;
	expires_at: number | null;
}

interface ConsentTable {
	user_id: SetOnce<string>;
	client_id: SetOnce<string>;
	/** Digest of the engine's grant id. */
	grant_id: string;
	scopes: string;
	created_at: SetOnce<number>;
	updated_at: number;
}

interface SigningKeyTable {
	kid: SetOnce<string>;
	alg: SetOnce<'RS256' | 'ES256'>;
	public_jwk: SetOnce<string>;
	/** Sealed. */
	private_jwk: SetOnce<string>;
	state: 'upcoming' | 'current' | 'retiring';
	created_at: SetOnce<number>;
	/** When the state next changes by rotation. */
	changes_at: number | null;
}

interface DataKeyTable {
	id: SetOnce<string>;
	wrapped: string;
	created_at: SetOnce<number>;
}

interface SettingTable {
	name: SetOnce<string>;
	value: string;
	updated_at: number;
}

interface PluginTable {
	id: SetOnce<string>;
	enabled: Flag;
	/** Sealed JSON. */
	config: string;
	position: number;
	updated_at: number;
}

interface MessageTable {
	id: SetOnce<string>;
	channel: SetOnce<'email' | 'sms'>;
	sender: SetOnce<string>;
	purpose: SetOnce<string>;
	/** Sealed; erased on delivery or expiry, except by the outbox, which keeps it until expiry. */
	recipient: string;
	content: string;
	status: 'queued' | 'sending' | 'held' | 'delivered' | 'failed' | 'uncertain' | 'expired';
	attempts: number;
	next_at: number | null;
	error: string | null;
	created_at: SetOnce<number>;
	expires_at: SetOnce<number>;
	finished_at: number | null;
}

interface VerificationTable {
	id: SetOnce<string>;
	purpose: SetOnce<string>;
	/** HMAC of the identifier key that the message went to. */
	target: SetOnce<string>;
	user_id: SetOnce<string | null>;
	/** Sealed JSON: data for after the proof, e.g. the account to make. */
	data: string | null;
	/** HMAC of the code that people type. */
	code: SetOnce<string>;
	/** SHA-256 of the token in the link, where there is one. */
	link: SetOnce<string | null>;
	/** Wrong tries so far. */
	attempts: number;
	created_at: SetOnce<number>;
	expires_at: SetOnce<number>;
	used_at: number | null;
}

interface LimitTable {
	key: SetOnce<string>;
	points: number;
	expires_at: number;
}

export interface AuditTable {
	seq: Generated<number>;
	at: SetOnce<number>;
	action: SetOnce<string>;
	outcome: SetOnce<'ok' | 'refused'>;
	actor_kind: SetOnce<'user' | 'operator' | 'client' | 'system' | 'nobody'>;
	actor_id: SetOnce<string>;
	target: SetOnce<string>;
	address: SetOnce<string>;
	request_id: SetOnce<string>;
	detail: SetOnce<string>;
}

interface ImageTable {
	/** SHA-256 of the bytes, hex. */
	id: SetOnce<string>;
	mime: SetOnce<string>;
	bytes: SetOnce<Buffer>;
	created_at: SetOnce<number>;
}

interface LogoutDeliveryTable {
	id: SetOnce<string>;
	client_id: SetOnce<string>;
	account_id: SetOnce<string>;
	/** The `sid` the client knows (OIDC Back-Channel Logout §2.4). */
	sid: SetOnce<string>;
	status: 'queued' | 'delivered' | 'failed';
	attempts: number;
	next_at: number | null;
	error: string | null;
	created_at: SetOnce<number>;
	finished_at: number | null;
}

export interface AppSchema {
	user: UserTable;
	credential: CredentialTable;
	identity: IdentityTable;
	identity_subject: IdentitySubjectTable;
	passkey: PasskeyTable;
	user_merge: UserMergeTable;
	session: SessionTable;
	role: RoleTable;
	user_role: UserRoleTable;
	client: ClientTable;
	artifact: ArtifactTable;
	consent: ConsentTable;
	signing_key: SigningKeyTable;
	data_key: DataKeyTable;
	setting: SettingTable;
	plugin: PluginTable;
	message: MessageTable;
	verification: VerificationTable;
	rate_limit: LimitTable;
	audit: AuditTable;
	image: ImageTable;
	logout_delivery: LogoutDeliveryTable;
}
