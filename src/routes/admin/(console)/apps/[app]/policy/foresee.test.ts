import { describe, expect, it } from 'vitest';
import { foresee, type PolicyDraft, type Trouble } from './foresee';

const policy: PolicyDraft = {
	registration: true,
	systemAccounts: true,
	identifiers: ['username', 'email', 'phone'],
	requireVerified: [],
};
const open = {
	...{ password: true, email: false, phone: false, external: false, passkey: false },
	sends: { email: true, phone: true },
};

const rows: [string, Partial<PolicyDraft>, Partial<typeof open>, Trouble[]][] = [
	['nothing changes', {}, {}, []],
	['accounts off, third parties on', { systemAccounts: false }, { external: true }, ['system-off']],
	['accounts off, nothing else on', { systemAccounts: false }, {}, ['nobody', 'system-off']],
	[
		'accounts off, passkeys on',
		{ systemAccounts: false },
		{ passkey: true },
		['only-passkeys', 'system-off'],
	],
	['passwords are off anyway', {}, { password: false }, ['nobody']],
	['codes alone', {}, { password: false, email: true }, []],
	[
		'codes by email, which no longer sign in',
		{ identifiers: ['phone'] },
		{ password: false, email: true },
		['nobody', 'lost-username', 'lost-email'],
	],
	['one identifier less', { identifiers: ['username', 'email'] }, {}, ['lost-phone']],
	['no identifier', { identifiers: [] }, {}, ['nobody', 'lost-username', 'lost-email', 'lost-phone']],
	['a proof that no code brings', { requireVerified: ['phone'] }, {}, ['unprovable-phone']],
	['a proof that a code brings', { requireVerified: ['phone'] }, { phone: true }, []],
	[
		'two proofs, and a sender for one of them',
		{ requireVerified: ['email', 'phone'] },
		{ sends: { email: true, phone: false } },
		['unprovable-email', 'unsendable-phone'],
	],
	['a proof of nobody, as nobody joins', { requireVerified: ['email'], registration: false }, {}, []],
];

describe('what a policy would do', () => {
	it.each(rows)('%s', (_, change, openings, troubles) => {
		const draft = { ...policy, ...change };
		expect(foresee({ before: policy, draft }, { ...open, ...openings })).toEqual(troubles);
	});

	it('is not repeated for the stored policy', () => {
		const before = { ...policy, systemAccounts: false };
		expect(foresee({ before, draft: before }, { ...open, external: true })).toEqual([]);
		const narrow = { ...policy, identifiers: ['email'] };
		expect(foresee({ before: narrow, draft: narrow }, open)).toEqual([]);
	});
});
