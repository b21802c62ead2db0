/**
 * Who may come in, and how: the only place where an app's policy is applied, for every method, page and API. Pure:
 * facts in, decision out. Unknown cases are refused.
 */
import type { AppSettings } from '../../contract/app-settings';
import type { ErrorCode } from '../../contract/errors';
import type { IdentifierKind } from '../../contract/identifiers';

interface Account {
	status: 'active' | 'disabled' | 'pending';
}

export type Policy = Pick<
	AppSettings,
	'registration' | 'systemAccounts' | 'requireVerified' | 'signInIdentifiers' | 'externalSignUp'
>;

/** A person who has just proven who they are. */
export interface Arrival {
	/** `system`: an account of the app's own (password, code). `passkey` belongs to a user already. */
	method: 'system' | 'external' | 'guest' | 'passkey';
	/** The identifier that they entered, if any. */
	identifier?: IdentifierKind | undefined;
	/** The account that the proof belongs to, if there is one. */
	account?: Account | undefined;
	/** The addresses that were proven in this sign-in. */
	proven: { email: boolean; phone: boolean };
	/** They said that they want an account of their own, or asked to register in the first place. */
	joins: boolean;
	/** A third party has verified an email or phone that an account here has already. */
	resembles?: boolean;
}

export type Decision =
	| { do: 'sign-in' }
	| { do: 'register' }
	/** Ask whether to join or to link an account they have; `join` false: only the latter. */
	| { do: 'ask'; join: boolean }
	| { do: 'prove'; what: 'email' | 'phone' }
	| { do: 'refuse'; code: ErrorCode };

const refuse = (code: ErrorCode): Decision => ({ do: 'refuse', code });

/** @returns the refusal, or undefined when the account may sign in */
export function whyNotSignIn(account: Account): ErrorCode | undefined {
	return account.status === 'active' ? undefined : 'auth/account-disabled';
}

/** Whether this method may be tried at all, before anything is proven. */
export function whyNotMethod(
	policy: Policy,
	{ method, identifier }: Pick<Arrival, 'method' | 'identifier'>,
): ErrorCode | undefined {
	if (method !== 'system') return undefined;
	if (!policy.systemAccounts) return 'auth/method-unavailable';
	if (identifier && !policy.signInIdentifiers.includes(identifier)) return 'auth/method-unavailable';
	return undefined;
}

export function decideArrival(policy: Policy, arrival: Arrival): Decision {
	const closed = whyNotMethod(policy, arrival);
	if (closed) return refuse(closed);
	if (arrival.account) {
		const code = whyNotSignIn(arrival.account);
		return code ? refuse(code) : { do: 'sign-in' };
	}
	return decideStranger(policy, arrival);
}

function decideStranger(policy: Policy, arrival: Arrival): Decision {
	const { method, proven } = arrival;
	const open = policy.registration === 'open';
	if (method === 'passkey') return refuse('auth/invalid-credentials');
	if (method === 'external' && !arrival.joins && (!open || asksFirst(policy, arrival)))
		return { do: 'ask', join: open };
	if (!open) return refuse('auth/registration-closed');
	const missing = policy.requireVerified.find((what) => !proven[what]);
	if (!missing) return { do: 'register' };
	// A guest has no means to prove it.
	return method === 'guest' ? refuse('auth/registration-closed') : { do: 'prove', what: missing };
}

const asksFirst = (policy: Policy, arrival: Arrival): boolean =>
	policy.externalSignUp === 'ask' || arrival.resembles === true;
