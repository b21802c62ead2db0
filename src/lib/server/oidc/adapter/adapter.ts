/** The engine's storage: its models over our repositories. Clients are read again at each use. */
import type { Adapter, AdapterFactory } from 'oidc-provider';
import { second } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import type { Artifact } from '../../storage/app/artifacts';
import { ClientSecrets, describeClient } from '../clients';
import type { EngineApp } from '../engine-app';
import { currentWrites } from './request-writes';
import { toArtifact, toPayload } from './stored-form';

/**
 * Two tabs may renew with the same refresh token at once. The second one within this time is refused like any other
 * use of a spent token, but not treated as theft: the token's family stays valid.
 */
const raceWindow = 5 * second;

/** Once seen expired a code stays expired, even when the clock is set back later. */
const forgottenWhenExpired = new Set(['AuthorizationCode']);

/** Of grants that are off: the engine asks for them at each introspection all the same. */
const neverStored = new Set(['ClientCredentials']);

function artifactAdapter(app: EngineApp, model: string): Adapter {
	const isRace = (artifact: Artifact) =>
		model === 'RefreshToken' &&
		artifact.consumedAt !== null &&
		app.clock.now() - artifact.consumedAt < raceWindow;
	const isOver = (artifact: Artifact) =>
		forgottenWhenExpired.has(model) && artifact.expiresAt !== null && artifact.expiresAt <= app.clock.now();
	return {
		async upsert(value, payload) {
			currentWrites().save(toArtifact(model, value, payload));
		},
		async find(value) {
			if (neverStored.has(model)) return undefined;
			const writes = currentWrites();
			const found = await writes.find(model, digest(value));
			if (!found) return undefined;
			if (isOver(found)) return writes.destroy(model, found.id);
			return toPayload(isRace(found) ? { ...found, consumedAt: null } : found, value);
		},
		async findByUid(uid) {
			const found = await currentWrites().findByUid(model, digest(uid));
			return found && toPayload(found);
		},
		async findByUserCode() {
			return undefined;
		},
		async consume(value) {
			currentWrites().consume(model, digest(value), app.clock.now());
		},
		async destroy(value) {
			currentWrites().destroy(model, digest(value));
		},
		async revokeByGrantId(grantId) {
			currentWrites().revokeGrant(digest(grantId));
		},
	};
}

function clientAdapter(app: EngineApp): Adapter {
	const secrets = new ClientSecrets(app.vault);
	const refuse = () => Promise.reject(new Error('clients are changed by operators only'));
	return {
		async find(id) {
			return currentWrites().reads.settled(`client:${id}`, async () => {
				const client = await app.store.read.clients.find(id);
				return client && describeClient(client, secrets);
			});
		},
		upsert: refuse,
		destroy: refuse,
		consume: refuse,
		revokeByGrantId: refuse,
		findByUid: async () => undefined,
		findByUserCode: async () => undefined,
	};
}

export function adapterOver(app: EngineApp): AdapterFactory {
	return (model) => (model === 'Client' ? clientAdapter(app) : artifactAdapter(app, model));
}
