/** Which ways in are open in an app now, regardless of its policy: the facts that an operator's choices rest on. */
import { guestConnector } from '../external/guests';
import { isProvable } from '../sign-in/list-methods';
import type { AppServices } from '../services';
import { deliveryState } from './delivery-state';

export interface Openings {
	password: boolean;
	/** Identifiers that codes can be sent to. */
	email: boolean;
	phone: boolean;
	/** By third parties; guests do not count. */
	external: boolean;
	passkey: boolean;
	/** What some sender carries messages to; without a sender no user can prove it, whatever else is on. */
	sends: Readonly<Record<Provable, boolean>>;
}

type Provable = 'email' | 'phone';

type Needs = Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>;

const isSent = async (services: Needs, what: Provable): Promise<boolean> =>
	(await deliveryState(services, what === 'email' ? 'email' : 'sms')) !== 'none';

/** What new users must prove by the app's policy, and cannot: no sender carries messages to it. */
export async function readUnsendable(services: Needs): Promise<Provable[]> {
	const { registration, requireVerified } = await services.settings();
	if (registration !== 'open') return [];
	const sent = await Promise.all(requireVerified.map((what) => isSent(services, what)));
	return requireVerified.filter((_, index) => !sent[index]);
}

export async function readOpenings(services: Needs): Promise<Openings> {
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
		sends: { email: await isSent(services, 'email'), phone: await isSent(services, 'phone') },
	};
}
