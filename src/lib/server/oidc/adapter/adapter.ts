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

/** A model that the engine may look for and never changes. */
function readOnly(find: Adapter['find'], why: string): Adapter {
	const refuse = () => Promise.reject(new Error(why));
	return {
		find,
		upsert: refuse,
		destroy: refuse,
		consume: refuse,
		revokeByGrantId: refuse,
		findByUid: nothing,
		findByUserCode: nothing,
	};
}

const nothing = async () => undefined;

function clientAdapter(app: EngineApp): Adapter {
	const secrets = new ClientSecrets(app.vault);
	const find = (id: string) =>
		currentWrites().reads.settled(`client:${id}`, async () => {
			const client = await app.store.read.clients.find(id);
			return client && describeClient(client, secrets);
		});
	return readOnly(find, 'clients are changed by operators only');
}

/** The engine asks for the tokens of this grant, which is off, at each introspection all the same. */
const clientCredentials = readOnly(nothing, 'the client credentials grant is off');

export function adapterOver(app: EngineApp): AdapterFactory {
	return (model) => {
		if (model === 'Client') return clientAdapter(app);
		return model === 'ClientCredentials' ? clientCredentials : artifactAdapter(app, model);
	};
}
