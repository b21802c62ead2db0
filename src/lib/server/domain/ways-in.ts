/** A user's ways in, and whether one may be removed: no user is left without any. */
import type { IdentifierKind } from '../../contract/identifiers';

export interface WayIn {
	/** `password`, `email`, `phone`, or the id of an identity or passkey. */
	id: string;
	/** Whether it works now: its connector is on, the policy allows it, a code can be sent. */
	usable: boolean;
}

export interface Belongings {
	hasPassword: boolean;
	/** The identifiers that can be typed: a username; an email or phone only where it is proven. */
	names: readonly IdentifierKind[];
	identities: readonly { id: string; connector: string }[];
	passkeys: readonly { id: string; connector: string }[];
}

export interface Openings {
	/** Whether the app has accounts of its own, which sign in with passwords and codes. */
	systemAccounts: boolean;
	/** The kinds of identifiers that may sign in. */
	signInIdentifiers: readonly IdentifierKind[];
	/** The kinds of address that a code can be sent to: a connector for it is on, and so is a sender. */
	codes: ReadonlySet<IdentifierKind>;
	/** Connectors that are on. */
	enabled: ReadonlySet<string>;
}

export function waysIn(user: Belongings, openings: Openings): WayIn[] {
	const { systemAccounts, signInIdentifiers, codes, enabled } = openings;
	const named = (kind: IdentifierKind) => systemAccounts && signInIdentifiers.includes(kind);
	const password = { id: 'password', usable: enabled.has('password') && user.names.some(named) };
	const addresses = user.names.filter((kind) => kind !== 'username');
	return [
		...(user.hasPassword ? [password] : []),
		...addresses.map((kind) => ({ id: kind, usable: named(kind) && codes.has(kind) })),
		...[...user.identities, ...user.passkeys].map(({ id, connector }) => ({
			id,
			usable: enabled.has(connector),
		})),
	];
}

/** A way in that does not work may always be removed; one that works only if another works too. */
export function mayRemove(ways: readonly WayIn[], id: string): boolean {
	const removed = ways.find((way) => way.id === id);
	return !removed?.usable || ways.some((way) => way.usable && way.id !== id);
}
