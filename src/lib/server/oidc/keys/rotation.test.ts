import { describe, expect, it } from 'vitest';
import type { SigningKey } from '../../storage/app/signing-keys';
import { dueChanges, fingerprintOf, inSigningOrder, retireAfter } from './rotation';

const key = (kid: string, state: SigningKey['state'], rest: Partial<SigningKey> = {}): SigningKey => ({
	kid,
	state,
	alg: 'RS256',
	publicJwk: {},
	privateJwk: '',
	createdAt: 0,
	changesAt: null,
	...rest,
});
const now = 1_000_000;

describe('dueChanges', () => {
	it('has nothing to do while nothing is due', () => {
		expect(
			dueChanges(
				[
					key('a', 'current'),
					key('b', 'upcoming', { changesAt: now + 1 }),
					key('c', 'retiring', { changesAt: now + 1 }),
				],
				now,
			),
		).toEqual([]);
	});

	it('retires the current key before the next one becomes current', () => {
		expect(dueChanges([key('a', 'current'), key('b', 'upcoming', { changesAt: now })], now)).toEqual([
			{ kid: 'a', to: 'retiring', changesAt: now + retireAfter },
			{ kid: 'b', to: 'current', changesAt: null },
		]);
	});

	it('keeps the kinds apart', () => {
		const keys = [
			key('a', 'current'),
			key('e', 'current', { alg: 'ES256' }),
			key('f', 'upcoming', { alg: 'ES256', changesAt: now }),
		];
		expect(dueChanges(keys, now).map(({ kid }) => kid)).toEqual(['e', 'f']);
	});

	it('takes the newest where several become current at once', () => {
		const keys = [
			key('a', 'current'),
			key('b', 'upcoming', { changesAt: now - 2 }),
			key('c', 'upcoming', { changesAt: now - 1 }),
		];
		expect(dueChanges(keys, now)).toEqual([
			{ kid: 'a', to: 'retiring', changesAt: now + retireAfter },
			{ kid: 'b', to: 'retiring', changesAt: now + retireAfter },
			{ kid: 'c', to: 'current', changesAt: null },
		]);
	});

	it('removes keys that are no longer needed', () => {
		expect(dueChanges([key('a', 'retiring', { changesAt: now }), key('b', 'current')], now)).toEqual([
			{ kid: 'a', to: 'gone' },
		]);
	});
});

it('puts the signing key of each kind first', () => {
	const keys = [
		key('r', 'retiring'),
		key('e', 'current', { alg: 'ES256' }),
		key('u', 'upcoming'),
		key('c', 'current'),
	];
	expect(inSigningOrder(keys).map(({ kid }) => kid)).toEqual(['c', 'u', 'r', 'e']);
});

it('distinguishes keys and their states by the fingerprint', () => {
	const prints = [
		[key('a', 'current')],
		[key('a', 'retiring')],
		[key('b', 'current')],
		[key('a', 'current'), key('b', 'upcoming')],
	].map(fingerprintOf);
	expect(new Set(prints).size).toBe(4);
});
