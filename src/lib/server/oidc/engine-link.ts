/** What the rest of the product asks of the OpenID Connect engine, without knowing it. */
import type { AppRepositories } from '../storage/app/repositories';

export interface EngineLink {
	/**
	 * Ends an engine session in the caller's transaction: its row, the tokens that live with it, and a notice
	 * queued to each client that asked for one.
	 * Grants for offline use outlive a plain sign-out, and end with `offlineToo`.
	 * @param id digest of the engine session's id (`session.engineSession`)
	 */
	endSession(tx: AppRepositories, id: string, options?: { offlineToo?: boolean }): Promise<void>;
	/** Ends every engine session, token and grant of a user. */
	endAccount(tx: AppRepositories, userId: string): Promise<void>;
	/** Withdraws what a user allowed a client: the consent, its grant, its tokens. */
	revokeConsent(tx: AppRepositories, userId: string, clientId: string): Promise<void>;
	/** Removes all that was issued to a client. */
	endClient(tx: AppRepositories, clientId: string): Promise<void>;
}
