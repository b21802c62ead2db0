/**
 * How a model of the engine is stored. The value that travels (token, code, cookie) is never written down: rows are
 * found by its digest, and the value is put back into what the engine gets to see.
 */
import { digest } from '../../runtime/vault';
import type { Artifact } from '../../storage/app/artifacts';

export type NewArtifact = Omit<Artifact, 'consumedAt'>;
export type Payload = Record<string, unknown>;

/** Models that end with their grant. An interaction only refers to one. */
const ofGrant = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken']);

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const digestOf = (value: unknown): string | null => (typeof value === 'string' ? digest(value) : null);

/** An interaction repeats its own id in the address to come back to, and the session's in a copy of it. */
function withoutEchoes(value: string, payload: Payload): Payload {
	const { returnTo, session, ...rest } = payload;
	const { cookie: _, ...origin } = (session ?? {}) as Payload;
	return {
		...rest,
		...(session ? { session: origin } : {}),
		...(typeof returnTo === 'string' ? { returnTo: returnTo.slice(0, -value.length) } : {}),
	};
}

/** @param value what travels @param payload as the engine has it, times in seconds */
export function toArtifact(model: string, value: string, payload: Payload): NewArtifact {
	const { jti: _, ...bare } = payload;
	const exp = payload['exp'];
	const parameters = payload['params'] as Payload | undefined;
	return {
		model,
		id: digest(value),
		payload: model === 'Interaction' ? withoutEchoes(value, bare) : bare,
		grantId: ofGrant.has(model) ? digestOf(payload['grantId']) : null,
		uid: digestOf(payload['uid']),
		userCode: null,
		accountId: text(payload['accountId']),
		clientId: text(payload['clientId']) ?? text(parameters?.['client_id']),
		expiresAt: typeof exp === 'number' ? exp * 1000 : null,
	};
}

/** Rows are shared between requests, and the engine changes what it is given. */
function copy<T>(value: T): T {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map(copy) as T;
	const copied: Payload = {};
	for (const key of Object.keys(value)) copied[key] = copy((value as Payload)[key]);
	return copied as T;
}

/** @param value what travelled; absent where the row was found otherwise */
export function toPayload(artifact: Artifact, value?: string): Payload {
	const payload = copy(artifact.payload);
	const restored: Payload = value === undefined ? payload : { ...payload, jti: value };
	if (artifact.consumedAt !== null) restored['consumed'] = Math.floor(artifact.consumedAt / 1000);
	if (artifact.model === 'Interaction' && value !== undefined && typeof payload['returnTo'] === 'string')
		restored['returnTo'] = payload['returnTo'] + value;
	return restored;
}
