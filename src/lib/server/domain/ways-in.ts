/** The ways a user has to get in, and whether one may go: nobody is left without any. */
import type { IdentifierKind } from '../../contract/identifiers';

export interface WayIn {
	/** `password`, `email`, `phone`, or the id of an identity or passkey. */
	id: string;
	/** It works now: its connector is on, the policy lets it, a code can be sent. */
	usable: boolean;
}

export interface Belongings {
	hasPassword: boolean;
	/** What could be typed: a username; an email or phone only where it is proven. */
	names: readonly IdentifierKind[];
	identities: readonly { id: string; connector: string }[];
	passkeys: readonly { id: string; connector: string }[];
}

export interface Openings {
	/** Accounts of the app's own sign in with passwords and codes. */
	systemAccounts: boolean;
	/** By which kinds of names they do. */
	signInIdentifiers: readonly IdentifierKind[];
	/** Where a code can be sent: a connector for it is on, and so is a sender. */
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

/** What is of no use goes freely; what works goes where something else works too. */
export function mayRemove(ways: readonly WayIn[], id: string): boolean {
	const removed = ways.find((way) => way.id === id);
	return !removed?.usable || ways.some((way) => way.usable && way.id !== id);
}
