/** Which ways in stand open in an app now, whatever its policy says of them: what an operator's choices rest on. */
import { guestConnector } from '../external/guests';
import { isProvable } from '../sign-in/list-methods';
import type { AppServices } from '../services';

export interface Openings {
	password: boolean;
	/** Codes reach them. */
	email: boolean;
	phone: boolean;
	/** Third parties; guests are nobody yet. */
	external: boolean;
	passkey: boolean;
}

export async function readOpenings(
	services: Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>,
): Promise<Openings> {
	const usable = (await services.plugins.list()).filter(
		({ enabled, configured, forbidden }) => enabled && configured && !forbidden,
	);
	const has = (...kinds: string[]) =>
		usable.some(
			({ id, manifest }) => id !== guestConnector && manifest.kinds.some((kind) => kinds.includes(kind)),
		);
	return {
		password: has('secret'),
		email: await isProvable(services, 'email'),
		phone: await isProvable(services, 'phone'),
		external: has('redirect', 'ticket', 'scan'),
		passkey: has('ceremony'),
	};
}
