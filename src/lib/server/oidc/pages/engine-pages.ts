/** The pages the engine shows by itself: errors that must not be sent to a redirect URI, and signing out. */
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider';

export interface EnginePages {
	error(ctx: KoaContextWithOIDC, out: ErrorOut, error: Error): Promise<void>;
	logout(ctx: KoaContextWithOIDC, form: string): Promise<void>;
	loggedOut(ctx: KoaContextWithOIDC): Promise<void>;
}
