import { describe, expect, it } from 'vitest';
import { errors, type ErrorCode } from '$lib/contract/errors';
import { errorText } from './error-text';
import { locales } from './locale';

const codes = Object.keys(errors) as ErrorCode[];

describe('errorText', () => {
	it.each(codes)('%s has a text of its own in both languages', (code) => {
		const [english, chinese] = locales.map((locale) => errorText(code, {}, locale));
		expect(english).toMatch(/[a-z]/i);
		expect(chinese).toMatch(/\p{Script=Han}/u);
		if (code !== 'server/unexpected') expect(english).not.toBe(errorText('server/unexpected', {}, 'en'));
	});

	it('fills in the values', () => {
		expect(errorText('password/too-short', { min: 8 }, 'en')).toContain('8');
		expect(errorText('auth/too-many-attempts', { seconds: 30 }, 'zh-CN')).toContain('30');
	});

	it('ends as a sentence or with its value, so that pages can show it as it is', () => {
		for (const code of codes) {
			expect(errorText(code, { value: 1 }, 'en')).toMatch(/(\.|: .*|\?)$/);
			expect(errorText(code, { value: 1 }, 'zh-CN')).toMatch(/(。|：.*|？)$/);
		}
	});
});
