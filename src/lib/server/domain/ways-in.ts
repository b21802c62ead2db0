/** The ways a user has to get in, and whether one may go: nobody is left without any. */

export interface WayIn {
	/** `password`, `email`, `phone`, or the id of an identity or passkey. */
	id: string;
	/** It works now: its connector is on, the policy lets it. */
	usable: boolean;
}

export interface Belongings {
	hasPassword: boolean;
	/** Something to type beside the password. */
	hasName: boolean;
	emailVerified: boolean;
	phoneVerified: boolean;
	identities: readonly { id: string; connector: string }[];
	passkeys: readonly { id: string; connector: string }[];
}

export interface Openings {
	/** Accounts of the app's own sign in with passwords and codes. */
	systemAccounts: boolean;
	/** Connectors that are on. */
	enabled: ReadonlySet<string>;
}

export function waysIn(user: Belongings, { systemAccounts, enabled }: Openings): WayIn[] {
	const system = (id: string, has: boolean): WayIn[] =>
		has ? [{ id, usable: systemAccounts && enabled.has(id === 'phone' ? 'sms' : id) }] : [];
	return [
		...system('password', user.hasPassword && user.hasName),
		...system('email', user.emailVerified),
		...system('phone', user.phoneVerified),
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
