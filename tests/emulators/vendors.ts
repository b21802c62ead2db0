/** The vendors that a test needs, on this machine, and the settings with which an appliance uses them. */
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import type { AppServices } from '../../src/lib/server/flows/services';

/** `ENDPOINTS` for these vendors. */
export function endpointsEnv(vendors: Readonly<Record<string, Emulator>>): { ENDPOINTS: string } {
	const entries = Object.entries(vendors).flatMap(([id, vendor]) =>
		Object.entries(vendor.endpoints).map(([name, url]) => [`${id}.${name}`, url]),
	);
	return { ENDPOINTS: JSON.stringify(Object.fromEntries(entries)) };
}

/** Enters the redirect addresses of these apps at their vendors, as the operator does there. */
export function enterRedirectUris(
	vendors: Readonly<Record<string, Emulator>>,
	{ origin, apps }: { origin: string; apps: readonly number[] },
): void {
	for (const [id, vendor] of Object.entries(vendors))
		for (const app of apps) vendor.redirectUris.add(`${origin}/apps/${app}/connect/${id}/callback`);
}

/** Switches the connectors on with settings that work at their vendors. */
export async function enableVendors(
	app: AppServices,
	vendors: Readonly<Record<string, Emulator>>,
): Promise<void> {
	for (const [id, vendor] of Object.entries(vendors))
		await app.plugins.save(id, { enabled: true, values: vendor.config });
}
