import { describe, expect, it } from 'vitest';
import { mayRemove, waysIn, type Belongings } from './ways-in';

const nothing: Belongings = {
	hasPassword: false,
	hasName: true,
	emailVerified: false,
	phoneVerified: false,
	identities: [],
	passkeys: [],
};
const all = { systemAccounts: true, enabled: new Set(['password', 'email', 'sms', 'github', 'passkey']) };
const may = (user: Partial<Belongings>, id: string, openings = all) =>
	mayRemove(waysIn({ ...nothing, ...user }, openings), id);
const github = { id: 'i1', connector: 'github' };

describe('a way in may go', () => {
	it.each<[string, Partial<Belongings>, string, boolean]>([
		['the last identity', { identities: [github] }, 'i1', false],
		['an identity beside a password', { identities: [github], hasPassword: true }, 'i1', true],
		[
			'an identity beside a password without a name',
			{ identities: [github], hasPassword: true, hasName: false },
			'i1',
			false,
		],
		['an identity beside a proven phone', { identities: [github], phoneVerified: true }, 'i1', true],
		['one of two identities', { identities: [github, { id: 'i2', connector: 'github' }] }, 'i1', true],
		[
			'beside one whose connector is off',
			{ identities: [github, { id: 'i2', connector: 'qq' }] },
			'i1',
			false,
		],
		['one whose connector is off', { identities: [{ id: 'i2', connector: 'qq' }] }, 'i2', true],
		['the last passkey', { passkeys: [{ id: 'p', connector: 'passkey' }] }, 'p', false],
		['the only proven email', { emailVerified: true }, 'email', false],
		['what is not theirs', { hasPassword: true }, 'x', true],
	])('%s', (_, user, id, allowed) => expect(may(user, id)).toBe(allowed));

	it('counts a password for nothing where system accounts are off', () => {
		const off = { ...all, systemAccounts: false };
		expect(may({ identities: [github], hasPassword: true }, 'i1', off)).toBe(false);
		expect(may({ identities: [github], passkeys: [{ id: 'p', connector: 'passkey' }] }, 'i1', off)).toBe(
			true,
		);
	});
});
