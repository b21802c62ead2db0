/** What a user allowed which client, to see and to take back. */
import { recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';

export interface ConsentView {
	clientId: string;
	clientName: string;
	scopes: string[];
	createdAt: number;
}

export async function listConsents(
	services: Pick<AppServices, 'store'>,
	userId: string,
): Promise<ConsentView[]> {
	const consents = await services.store.read.consents.listOfUser(userId);
	return Promise.all(
		consents.map(async (consent) => ({
			clientId: consent.clientId,
			clientName: (await services.store.read.clients.find(consent.clientId))?.name ?? consent.clientId,
			scopes: consent.scopes,
			createdAt: consent.createdAt,
		})),
	);
}

/** Ends the consent, its grant and its tokens. Nothing there is no error. */
export async function revokeConsent(
	services: Pick<AppServices, 'store' | 'engine' | 'clock'>,
	{ userId, clientId }: { userId: string; clientId: string },
	visitor: Visitor,
): Promise<void> {
	await services.store.write(async (tx) => {
		await services.engine.revokeConsent(tx, userId, clientId);
		await recordEvent(
			tx,
			{ action: 'consent.revoke', actor: { kind: 'user', id: userId }, target: `client:${clientId}` },
			{ clock: services.clock, visitor },
		);
	});
}
