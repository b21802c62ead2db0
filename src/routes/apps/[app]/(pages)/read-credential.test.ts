import { Refusal } from '$lib/contract/errors';
import { describe, expect, it } from 'vitest';
import { readCredential } from './read-credential';

describe('the answer to a passkey’s challenge', () => {
	it('is passed on unchanged', () => {
		const sent = { id: 'abc', rawId: 'abc', response: { signature: 'x' }, type: 'public-key' };
		expect(readCredential(JSON.stringify(sent))).toEqual(sent);
	});

	it.each(['', 'x', 'null', '[]', '{}', '{"id":7}', '{"id":""}', `{"id":"${'a'.repeat(1401)}"}`])(
		'that is malformed is refused like a wrong one: %.30s',
		(text) => {
			expect(() => readCredential(text)).toThrow(Refusal);
			expect(() => readCredential(text)).toThrow('auth/invalid-credentials');
		},
	);
});
