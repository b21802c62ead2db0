import type { AppServices } from '../services';

/** Where the pages of an app's first-party clients are, as their redirect URIs name it: scheme, host and port. */
export async function listClientOrigins(services: Pick<AppServices, 'store'>): Promise<ReadonlySet<string>> {
	const clients = await services.store.read.clients.list();
	const uris = clients.filter((client) => client.firstParty).flatMap((client) => client.redirectUris);
	const origins = uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).origin);
	return new Set(origins.filter((origin) => origin !== 'null'));
}
