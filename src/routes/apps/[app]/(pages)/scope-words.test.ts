import { describe, expect, it } from 'vitest';
import { locales } from '$lib/i18n/locale';
import { scopeLines } from './scope-words';

const facts = { app: 'Demo', name: 'Alice', username: 'alice', email: 'alice@example.com', phone: null };
const known = [
	'openid',
	'profile',
	'email',
	'phone',
	'role',
	'offline_access',
	'menshen.me',
	'menshen.admin',
];

describe('the words for a scope', () => {
	it.each(locales)('say what is passed on (%s)', (locale) => {
		const lines = scopeLines(known, facts, locale);
		expect(lines).toHaveLength(known.length);
		expect(lines[1]?.detail).toBe('Alice · alice');
		expect(lines[2]?.detail).toBe('alice@example.com');
		for (const line of lines) expect(line.title).not.toMatch(/openid|offline_access|menshen\./);
	});

	it('name a value once, and say where there is none', () => {
		const [profile, phone] = scopeLines(['profile', 'phone'], { ...facts, name: 'alice' }, 'en');
		expect(profile?.detail).toBe('alice');
		expect(phone?.detail).toBe('none yet');
	});

	it('show a scope they do not know rather than hide it', () => {
		const lines = scopeLines(['payments', 'constructor', '__proto__'], facts, 'en');
		expect(lines.map((line) => line.title)).toEqual([
			'Use “payments”',
			'Use “constructor”',
			'Use “__proto__”',
		]);
	});
});
