import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createMasterKey, createVault, digest, newDataKey, sameSecret } from './vault';

describe('a vault', () => {
	const vault = createVault(newDataKey());

	it.each(['', 'secret', '密码 😀', 'x'.repeat(100_000)])('opens what it sealed', (plain) => {
		const sealed = vault.seal(plain, 'plugin:smtp');
		expect(vault.open(sealed, 'plugin:smtp')).toBe(plain);
	});

	it('seals the same text differently each time, and shows nothing of it', () => {
		const [one, two] = [vault.seal('hunter2', 'a'), vault.seal('hunter2', 'a')];
		expect(one).not.toBe(two);
		expect(Buffer.from(one.slice(3), 'base64url').toString('latin1')).not.toContain('hunter2');
	});

	it('does not open what was moved to another place', () => {
		expect(() => vault.open(vault.seal('secret', 'client:a'), 'client:b')).toThrow();
	});

	it('does not open what another key sealed', () => {
		expect(() => createVault(newDataKey()).open(vault.seal('secret', 'a'), 'a')).toThrow();
	});

	it('does not open what was altered, in any byte', () => {
		const bytes = Buffer.from(vault.seal('secret', 'a').slice(3), 'base64url');
		for (let i = 0; i < bytes.length; i++) {
			const altered = Buffer.from(bytes);
			altered[i] = (altered[i] ?? 0) ^ 1;
			expect(() => vault.open(`v1.${altered.toString('base64url')}`, 'a')).toThrow();
		}
	});

	it.each(['', 'v1.', 'v1.AAAA', 'v2.AAAA', 'secret', `v1.${'A'.repeat(16)}`, `v1.${'A'.repeat(37)}`])(
		'opens nothing that it never sealed (%s)',
		(value) => {
			expect(() => vault.open(value, 'a')).toThrow();
		},
	);

	it('derives keyed digests that differ by value, purpose and key', () => {
		const one = vault.hmac('123456', 'sign-in');
		expect(vault.hmac('123456', 'sign-in')).toBe(one);
		const others = [
			vault.hmac('123457', 'sign-in'),
			vault.hmac('123456', 'recover'),
			createVault(newDataKey()).hmac('123456', 'sign-in'),
		];
		expect(new Set([one, ...others]).size).toBe(4);
		// The border between purpose and value cannot be moved.
		expect(vault.hmac('bc', 'a')).not.toBe(vault.hmac('c', 'ab'));
	});
});

describe('a master key', () => {
	const bytes = randomBytes(32);

	it('unwraps what it wrapped, in another process too', () => {
		const dataKey = newDataKey();
		expect(createMasterKey(bytes).unwrap(createMasterKey(bytes).wrap(dataKey))).toEqual(dataKey);
	});

	it('does not unwrap what another one wrapped, nor what a vault sealed', () => {
		const wrapped = createMasterKey(bytes).wrap(newDataKey());
		expect(() => createMasterKey(randomBytes(32)).unwrap(wrapped)).toThrow();
		expect(() => createMasterKey(bytes).unwrap(createVault(bytes).seal('x', 'data-key'))).toThrow();
	});

	it('has a fingerprint of its own that does not reveal it', () => {
		const { fingerprint } = createMasterKey(bytes);
		expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
		expect(createMasterKey(Buffer.from(bytes)).fingerprint).toBe(fingerprint);
		expect(createMasterKey(randomBytes(32)).fingerprint).not.toBe(fingerprint);
		expect(bytes.toString('hex')).not.toContain(fingerprint);
	});

	it.each([0, 16, 31, 33])('cannot have %i bytes', (size) => {
		expect(() => createMasterKey(randomBytes(size))).toThrow('32 bytes');
	});
});

describe('digests and comparison', () => {
	it('are SHA-256 in base64url', () => {
		expect(digest('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
	});

	it('distinguish equal from different, whatever the lengths', () => {
		expect(sameSecret('one', 'one')).toBe(true);
		for (const other of ['onf', 'on', 'one ', '']) expect(sameSecret('one', other)).toBe(false);
	});
});
