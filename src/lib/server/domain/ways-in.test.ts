import { describe, expect, it } from 'vitest';
import { mayRemove, waysIn, type Belongings, type Openings } from './ways-in';

const nothing: Belongings = { hasPassword: false, names: ['username'], identities: [], passkeys: [] };
const all: Openings = {
	systemAccounts: true,
	signInIdentifiers: ['username', 'email', 'phone'],
	codes: new Set(['email', 'phone']),
	enabled: new Set(['password', 'email', 'sms', 'github', 'passkey']),
};
const may = (user: Partial<Belongings>, id: string, openings: Partial<Openings> = {}) =>
	mayRemove(waysIn({ ...nothing, ...user }, { ...all, ...openings }), id);
const github = { id: 'i1', connector: 'github' };
const passkey = { id: 'p', connector: 'passkey' };

describe('removing a way in', () => {
	it.each<[string, Partial<Belongings>, string, boolean]>([
		['the last identity', { identities: [github] }, 'i1', false],
		['an identity beside a password', { identities: [github], hasPassword: true }, 'i1', true],
		[
			'an identity beside a password without a name',
			{ identities: [github], hasPassword: true, names: [] },
			'i1',
			false,
		],
		['an identity beside a proven phone', { identities: [github], names: ['phone'] }, 'i1', true],
		['one of two identities', { identities: [github, { id: 'i2', connector: 'github' }] }, 'i1', true],
		[
			'beside one whose connector is off',
			{ identities: [github, { id: 'i2', connector: 'qq' }] },
			'i1',
			false,
		],
		['one whose connector is off', { identities: [{ id: 'i2', connector: 'qq' }] }, 'i2', true],
		['the last passkey', { passkeys: [passkey] }, 'p', false],
		['a passkey beside a proven email', { passkeys: [passkey], names: ['email'] }, 'p', true],
		['the only proven email', { names: ['email'] }, 'email', false],
		['what is not theirs', { hasPassword: true }, 'x', true],
	])('%s', (_, user, id, allowed) => expect(may(user, id)).toBe(allowed));

	it.each<[string, Partial<Belongings>, Partial<Openings>, boolean]>([
		['an email that may not sign in', { names: ['email'] }, { signInIdentifiers: ['username'] }, false],
		['an email that may', { names: ['email'] }, { signInIdentifiers: ['email'] }, true],
		['a phone that may not sign in', { names: ['phone'] }, { signInIdentifiers: ['email'] }, false],
		['a phone that no text reaches', { names: ['phone'] }, { codes: new Set(['email']) }, false],
		['an email that no mail reaches', { names: ['email'] }, { codes: new Set(['phone']) }, false],
		[
			'a phone with codes by another connector than sms',
			{ names: ['phone'] },
			{ enabled: new Set(['github', 'my-texts']) },
			true,
		],
		[
			'a password whose only name may not sign in',
			{ hasPassword: true, names: ['username'] },
			{ signInIdentifiers: ['email'] },
			false,
		],
		[
			'a password with a proven email, where no mail can be sent',
			{ hasPassword: true, names: ['email'] },
			{ signInIdentifiers: ['email'], codes: new Set() },
			true,
		],
		[
			'a password whose connector is off',
			{ hasPassword: true },
			{ enabled: new Set(['github', 'passkey']) },
			false,
		],
	])('an identity or passkey beside %s', (_, user, openings, allowed) => {
		expect(may({ ...user, identities: [github] }, 'i1', openings)).toBe(allowed);
		const enabled = new Set([...(openings.enabled ?? all.enabled), 'passkey']);
		expect(may({ ...user, passkeys: [passkey] }, 'p', { ...openings, enabled })).toBe(allowed);
	});

	it('does not count a password and a code where system accounts are off', () => {
		const off = { systemAccounts: false };
		expect(may({ identities: [github], hasPassword: true }, 'i1', off)).toBe(false);
		expect(may({ identities: [github], names: ['email', 'phone'] }, 'i1', off)).toBe(false);
		expect(may({ identities: [github], passkeys: [passkey] }, 'i1', off)).toBe(true);
	});
});
