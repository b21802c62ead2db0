import { describe, expect, it } from 'vitest';
import { Refusal } from '$lib/contract/errors';
import { pageProblem } from './problem.server';

describe('what a page shows of a refusal', () => {
	it('is the text of the error table where no field is at fault', () => {
		const problem = pageProblem(new Refusal('auth/invalid-credentials'), 'en');
		expect(problem.fields).toEqual({});
		expect(problem.message).toContain('do not match');
		expect(problem.code).toBe('auth/invalid-credentials');
	});

	it('points at the field, and the field says how it should look', () => {
		const problem = pageProblem(new Refusal('input/invalid', { fields: { email: 'input/invalid' } }), 'en');
		expect(problem.message).toBe('Please check the marked field.');
		expect(problem.fields['email']).toContain('name@example.com');
	});

	it('explains a refused input with what to type, and a refused return with the vendor’s refusal', () => {
		const code = 'auth/not-accepted';
		const typed = pageProblem(new Refusal(code, { fields: { identifier: code } }), 'en');
		expect(typed.fields['identifier']).toContain('https://name.example.com');
		for (const locale of ['en', 'zh-CN'] as const)
			expect(pageProblem(new Refusal(code), locale).message).not.toMatch(/code|验证码/i);
	});

	it('keeps the values of the text', () => {
		const refusal = new Refusal('password/too-short', {
			params: { min: 12 },
			fields: { password: 'password/too-short' },
		});
		expect(pageProblem(refusal, 'en').fields['password']).toContain('12');
	});

	it('reports a field that is too long as such', () => {
		const refusal = new Refusal('input/too-large', { fields: { identifier: 'input/too-large' } });
		expect(pageProblem(refusal, 'zh-CN').fields['identifier']).toBe('内容过长，请缩短。');
	});

	it('says that the present password is wrong without naming an account', () => {
		const refusal = new Refusal('auth/invalid-credentials', {
			fields: { password: 'auth/invalid-credentials' },
		});
		expect(pageProblem(refusal, 'en').fields['password']).toBe('That is not the current password.');
	});

	it('counts a long wait in minutes, a short one in seconds', () => {
		expect(
			pageProblem(new Refusal('auth/too-many-attempts', { params: { seconds: 600 } }), 'en').message,
		).toContain('10 minutes');
		expect(
			pageProblem(new Refusal('auth/too-many-attempts', { params: { seconds: 45 } }), 'en').message,
		).toContain('45 seconds');
	});

	it('hides from users what only an operator can correct', () => {
		const problem = pageProblem(new Refusal('sender/not-configured', { params: { channel: 'email' } }), 'en');
		expect(problem.message).not.toMatch(/sender|email/);
	});
});
