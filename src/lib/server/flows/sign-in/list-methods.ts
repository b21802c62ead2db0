/** The ways in that an app offers this browser: switched on, set up, allowed by the policy, the likeliest first. */
import type { AppSettings } from '../../../contract/app-settings';
import { Refusal } from '../../../contract/errors';
import type { Kind, Manifest } from '../../../plugin-kit';
import { browserOf, orderMethods, type Browser } from '../../domain/method-order';
import { decideArrival, whyNotMethod, type Policy } from '../../domain/sign-in-policy';
import { guestConnector } from '../external/guests';
import { findSender } from '../messages/choose-sender';
import type { AppServices, Visitor } from '../services';

/** How a page begins this way in. */
export type Way = 'password' | 'code' | 'redirect' | 'scan' | 'passkey' | 'guest';

export interface Method {
	id: string;
	/** In the reader's language. */
	name: string;
	/** A `data:` URL. */
	icon: string;
	way: Way;
	/** The kind of address that the code is sent to. */
	identifier: 'email' | 'phone' | undefined;
	/** The identifiers that may be typed beside a password; else none. */
	names: AppSettings['signInIdentifiers'];
	/** The label of what is typed before a redirect begins. */
	asks: string | undefined;
}

type Needs = Pick<AppServices, 'settings' | 'plugins' | 'applianceSender'>;

/** Where one plugin can do several things, the one that demands least of the person's device comes first. */
const ways: readonly (readonly [Kind, Way])[] = [
	['secret', 'password'],
	['code', 'code'],
	['redirect', 'redirect'],
	['scan', 'scan'],
	['ceremony', 'passkey'],
];

/** Tickets are brought by clients; only the guest's can be made by a page. */
const wayOf = ({ id, kinds }: Pick<Manifest, 'id' | 'kinds'>): Way | undefined =>
	id === guestConnector ? 'guest' : ways.find(([kind]) => kinds.includes(kind))?.[1];

/**
 * What a page begins with this connector. @throws Refusal plugin/not-found for a connector that pages cannot begin
 */
export function wayOfConnector(services: Pick<AppServices, 'plugins'>, connector: string): Way {
	const way = wayOf(services.plugins.manifestOf(connector));
	if (!way) throw new Refusal('plugin/not-found', { detail: connector });
	return way;
}

const addressOf = ({ identifier }: Pick<Manifest, 'identifier'>): Method['identifier'] =>
	identifier === 'email' || identifier === 'phone' ? identifier : undefined;

const mayJoinAsGuest = (policy: Policy): boolean =>
	decideArrival(policy, { method: 'guest', proven: { email: false, phone: false }, joins: true }).do ===
	'register';

function isAllowed(policy: Policy, way: Way, manifest: Manifest): boolean {
	if (way === 'guest') return mayJoinAsGuest(policy);
	if (way !== 'password' && way !== 'code') return true;
	const identifier = way === 'code' ? addressOf(manifest) : undefined;
	return whyNotMethod(policy, { method: 'system', identifier }) === undefined;
}

const canSend = async (services: Needs, channel: 'email' | 'sms'): Promise<boolean> =>
	(await findSender(services, channel)) !== undefined;

/** Codes that cannot be sent are not offered. */
const isDeliverable = async (services: Needs, { way, identifier }: Method): Promise<boolean> =>
	way !== 'code' || (await canSend(services, identifier === 'email' ? 'email' : 'sms'));

export async function listMethods(
	services: Needs,
	{ device, locale }: Pick<Visitor, 'device' | 'locale'>,
): Promise<Method[]> {
	const settings = await services.settings();
	const plugins = (await services.plugins.list(locale)).filter(
		(plugin) => plugin.enabled && plugin.configured && !plugin.forbidden,
	);
	const methods = plugins.flatMap(({ id, name, icon, manifest, unfit }, position) => {
		const way = wayOf(manifest);
		if (!way || !isAllowed(settings, way, manifest)) return [];
		const asks = way === 'redirect' ? manifest.asks?.[locale] : undefined;
		const order = { fits: manifest.fits, unfit, position };
		const names = way === 'password' ? settings.signInIdentifiers : [];
		return [{ id, name, icon, way, identifier: addressOf(manifest), names, asks, ...order }];
	});
	const ordered = orderMethods(methods, browserOf(device), settings.firstMethod);
	const sendable = await Promise.all(ordered.map((method) => isDeliverable(services, method)));
	return ordered
		.filter((_, index) => sendable[index])
		.map(({ fits: _fits, unfit: _unfit, position: _position, ...method }) => method);
}

/** The vendor's in-app browser that the person uses: a redirect works differently there. */
export const insideOf = ({ device }: Pick<Visitor, 'device'>): Browser['inside'] => browserOf(device).inside;

/**
 * The connector by which this kind of address is proven here.
 * @throws Refusal plugin/not-enabled
 */
export async function codeConnectorFor(
	services: Pick<AppServices, 'plugins'>,
	what: 'email' | 'phone',
): Promise<string> {
	const found = (await services.plugins.list()).find(
		({ manifest, enabled, configured }) =>
			enabled && configured && manifest.kinds.includes('code') && manifest.identifier === what,
	);
	if (!found) throw new Refusal('plugin/not-enabled', { detail: `nothing proves a ${what}` });
	return found.id;
}

/** Whether this app can send codes to this kind of address. */
export async function isProvable(services: Needs, what: 'email' | 'phone'): Promise<boolean> {
	const found = await codeConnectorFor(services, what).catch((error: unknown) => {
		if (error instanceof Refusal) return undefined;
		throw error;
	});
	return found !== undefined && canSend(services, what === 'email' ? 'email' : 'sms');
}
