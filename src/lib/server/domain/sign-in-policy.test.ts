import { describe, expect, it } from 'vitest';
import { decideArrival, whyNotMethod, type Arrival, type Policy } from './sign-in-policy';

const open: Policy = {
	registration: 'open',
	systemAccounts: true,
	requireVerified: [],
	signInIdentifiers: ['username', 'email', 'phone'],
	externalSignUp: 'ask',
};
const external: Arrival = { method: 'external', proven: { email: false, phone: false }, joins: false };
const code: Arrival = {
	method: 'system',
	identifier: 'phone',
	proven: { email: false, phone: true },
	joins: true,
};
const active = { status: 'active' } as const;

type Row = [what: string, policy: Partial<Policy>, arrival: Arrival, decision: string];

const rows: Row[] = [
	// A person with an account
	['a known person', {}, { ...external, account: active }, 'sign-in'],
	[
		'a known person, registration closed',
		{ registration: 'closed' },
		{ ...external, account: active },
		'sign-in',
	],
	[
		'a known person, system accounts off',
		{ systemAccounts: false },
		{ ...external, account: active },
		'sign-in',
	],
	[
		'a known person who has to prove more now',
		{ requireVerified: ['phone'] },
		{ ...external, account: active },
		'sign-in',
	],
	['a disabled one', {}, { ...external, account: { status: 'disabled' } }, 'refuse auth/account-disabled'],
	['a pending one', {}, { ...external, account: { status: 'pending' } }, 'refuse auth/account-disabled'],
	['a code, known', {}, { ...code, account: active }, 'sign-in'],
	[
		'a code, system accounts off',
		{ systemAccounts: false },
		{ ...code, account: active },
		'refuse auth/method-unavailable',
	],
	[
		'a code by an identifier that may not',
		{ signInIdentifiers: ['username'] },
		{ ...code, account: active },
		'refuse auth/method-unavailable',
	],
	[
		'a passkey, system accounts off',
		{ systemAccounts: false },
		{ ...external, method: 'passkey', account: active },
		'sign-in',
	],
	// A stranger
	['a passkey of nobody', {}, { ...external, method: 'passkey' }, 'refuse auth/invalid-credentials'],
	['a stranger from a vendor', {}, external, 'ask, may join'],
	['the same, let in at once', { externalSignUp: 'auto' }, external, 'register'],
	[
		'the same, with an address that an account has',
		{ externalSignUp: 'auto' },
		{ ...external, resembles: true },
		'ask, may join',
	],
	['the same, who resembles one and joins', {}, { ...external, resembles: true, joins: true }, 'register'],
	['a stranger, registration closed', { registration: 'closed' }, external, 'ask'],
	['a stranger, closed and auto', { registration: 'closed', externalSignUp: 'auto' }, external, 'ask'],
	[
		'a stranger who joins, closed',
		{ registration: 'closed' },
		{ ...external, joins: true },
		'refuse auth/registration-closed',
	],
	['a stranger who joins', {}, { ...external, joins: true }, 'register'],
	['a stranger, system accounts off', { systemAccounts: false }, { ...external, joins: true }, 'register'],
	['a stranger by code', {}, code, 'register'],
	['a stranger by code, closed', { registration: 'closed' }, code, 'refuse auth/registration-closed'],
	[
		'a stranger by code, system accounts off',
		{ systemAccounts: false },
		code,
		'refuse auth/method-unavailable',
	],
	// What has to be proven
	['a phone is required', { requireVerified: ['phone'] }, { ...external, joins: true }, 'prove phone'],
	['a phone is required and proven', { requireVerified: ['phone'] }, code, 'register'],
	['both are required, one is proven', { requireVerified: ['phone', 'email'] }, code, 'prove email'],
	['required, auto', { requireVerified: ['email'], externalSignUp: 'auto' }, external, 'prove email'],
	[
		'required, auto, vouched for',
		{ requireVerified: ['email'], externalSignUp: 'auto' },
		{ ...external, proven: { email: true, phone: false } },
		'register',
	],
	// Guests
	['a guest', {}, { ...external, method: 'guest', joins: true }, 'register'],
	[
		'a guest where something must be proven',
		{ requireVerified: ['email'] },
		{ ...external, method: 'guest', joins: true },
		'refuse auth/registration-closed',
	],
	[
		'a guest, closed',
		{ registration: 'closed' },
		{ ...external, method: 'guest', joins: true },
		'refuse auth/registration-closed',
	],
];

const told = (policy: Policy, arrival: Arrival): string => {
	const decision = decideArrival(policy, arrival);
	if (decision.do === 'refuse') return `refuse ${decision.code}`;
	if (decision.do === 'prove') return `prove ${decision.what}`;
	return decision.do === 'ask' ? `ask${decision.join ? ', may join' : ''}` : decision.do;
};

describe('the policy of an app', () => {
	it.each(rows)('%s', (_, policy, arrival, decision) => {
		expect(told({ ...open, ...policy }, arrival)).toBe(decision);
	});

	it('does not hide third parties and passkeys with the system accounts', () => {
		const off = { ...open, systemAccounts: false };
		expect(whyNotMethod(off, { method: 'system' })).toBe('auth/method-unavailable');
		expect(whyNotMethod(off, { method: 'external' })).toBeUndefined();
		expect(whyNotMethod(off, { method: 'passkey' })).toBeUndefined();
	});
});
