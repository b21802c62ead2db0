import { describe, expect, it } from 'vitest';
import { judgePassword, type PasswordRules } from './password-policy';

const rules: PasswordRules = {
	minLength: 8,
	maxLength: 1024,
	isCommon: (key) => key === 'sunshine1',
	context: ['alice', 'alice@example.com', 'Acme Shop'],
};
const codeOf = (password: string, change: Partial<PasswordRules> = {}) => {
	const verdict = judgePassword(password, { ...rules, ...change });
	return verdict.ok ? 'ok' : verdict.code;
};

describe('a password', () => {
	it.each([
		['seven77', 'password/too-short'],
		['x'.repeat(1025), 'password/too-long'],
		['sunshine1', 'password/too-common'],
		['SUNSHINE1', 'password/too-common'],
		['aaaaaaaaaaaa', 'password/too-common'],
		['abababababab', 'password/too-common'],
		['alice2026', 'password/contains-name'],
		['acme shop!', 'password/contains-name'],
		['correct-horse-battery', 'ok'],
		['malice aforethought', 'ok'],
		['密码很长也可以用的', 'ok'],
		['only letters without digits', 'ok'],
	])('%s is classified as %s', (password, verdict) => expect(codeOf(password)).toBe(verdict));

	it('counts characters, not UTF-16 units', () => {
		expect(codeOf('🔑'.repeat(4) + 'abc')).toBe('password/too-short');
		expect(codeOf('🔑🚪🐉🎋🏮🧧🥮🀄')).toBe('ok');
	});

	it('may have to be longer, and the refusal says how long', () => {
		const verdict = judgePassword('fourteen-chars', { ...rules, minLength: 15 });
		expect(verdict).toEqual({ ok: false, code: 'password/too-short', params: { min: 15 } });
	});

	it('accepts 128 characters and more', () => expect(codeOf('correct horse '.repeat(20))).toBe('ok'));
});
