/**
 * Opens a sign-in under way for the browser that began it: only the engine's signed cookie identifies it, so a link
 * sent to another person does not work.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Client } from 'oidc-provider';
import { Refusal } from '../../../contract/errors';
import type { Engine } from '../engine';
import { syntheticPair } from '../synthetic';

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** A visit to an interaction page. */
export interface Visit {
	app: number;
	/** The interaction's uid, from the page's address. */
	uid: string;
	/** The Cookie header. */
	cookie: string | null;
	/** Client address, for the audit log. */
	address?: string | undefined;
}

export interface OpenInteraction {
	interaction: Interaction;
	client: Client;
	/** The request for the engine's helpers, which read the cookie from it. */
	pair: [IncomingMessage, ServerResponse];
}

/** @throws Refusal interaction/expired, interaction/not-yours */
export async function openInteraction(engine: Engine, origin: URL, visit: Visit): Promise<OpenInteraction> {
	const { provider, mount } = engine;
	const pair = syntheticPair({ origin, mount, path: '/', cookie: visit.cookie });
	const uid = provider
		.createContext(...pair)
		.cookies.get(provider.cookieName('interaction'), { signed: true });
	if (!uid) throw new Refusal('interaction/expired');
	if (uid !== visit.uid) throw new Refusal('interaction/not-yours');
	const interaction = await provider.Interaction.find(uid);
	const client = interaction && (await provider.Client.find(String(interaction.params['client_id'])));
	if (!interaction || !client) throw new Refusal('interaction/expired');
	return { interaction: interaction, client, pair };
}
