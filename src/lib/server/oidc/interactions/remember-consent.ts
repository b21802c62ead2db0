/** Stores a consent: in the grant of this session, and in the consent row for the next browser. */
import { digest } from '../../runtime/vault';
import type { RequestWrites } from '../adapter/request-writes';
import type { Engine } from '../engine';
import { scopesOf } from '../scopes';
import type { OpenInteraction } from './open-interaction';

/** Adds the scopes asked for to the session's grant and to the consent row. @returns the grant's id */
export async function rememberConsent(
	engine: Engine,
	{ interaction, client }: OpenInteraction,
	writes: RequestWrites,
): Promise<string> {
	const { provider, app } = engine;
	const userId = interaction.session?.accountId ?? '';
	const { clientId } = client;
	const scopes = scopesOf(interaction.params['scope']);
	const known = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
	const grant = known ?? new provider.Grant({ accountId: userId, clientId });
	grant.addOIDCScope(scopes.join(' '));
	const grantId = await grant.save();
	writes.also(async (tx) => {
		const before = await tx.consents.find(userId, clientId);
		const all = [...new Set([...(before?.scopes ?? []), ...scopes])];
		await tx.consents.save({
			userId,
			clientId,
			grantId: digest(grantId),
			scopes: all,
			updatedAt: app.clock.now(),
		});
	});
	return grantId;
}
