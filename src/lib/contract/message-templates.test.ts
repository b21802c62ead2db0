import { describe, expect, it } from 'vitest';
import { templatesSchema } from './message-templates';
import { channelPurposes, fillTemplate, templateProblem, templateValues } from './template-words';

const parse = (text: string, purpose = 'register', subject = '') =>
	templatesSchema.safeParse({ email: { [purpose]: { en: { subject, text } } }, sms: {} });

describe('an app’s own texts', () => {
	it('must carry the code, where there is one', () => {
		expect(parse('Your code is {code}.').success).toBe(true);
		expect(parse('Welcome!').success).toBe(false);
		expect(parse('Welcome, {person}!', 'welcome').success).toBe(true);
	});

	it.each([
		['a value that the message does not have', '{code} {password}', ''],
		['one in the subject', '{code}', '{secret}'],
		['two lines of a subject', '{code}', 'one\r\nBcc: two@example.com'],
		['nothing', '  ', ''],
		['a book', `{code}${'x'.repeat(4000)}`, ''],
	])('refuse %s', (_, text, subject) => expect(parse(text, 'register', subject).success).toBe(false));

	it('are for existing messages only', () => {
		expect(parse('{code}', 'newsletter').success).toBe(false);
	});

	it('are refused with the reason', () => {
		expect(templateProblem('register', { subject: '', text: 'Hello' })).toEqual({ missing: 'code' });
		expect(templateProblem('welcome', { subject: '', text: 'Hello {code}' })).toEqual({ unknown: 'code' });
		expect(templateProblem('register', { subject: '{link}', text: '{code}' })).toEqual({ unknown: 'link' });
		expect(templateProblem('register', { subject: '{app}', text: '{code} {minutes}' })).toBeUndefined();
	});

	it('are known for each message that a channel carries, and for no other', () => {
		const carried = new Set(Object.values(channelPurposes).flat());
		expect([...carried].sort()).toEqual(Object.keys(templateValues).sort());
	});

	it('are filled in once: a value is not a template', () => {
		expect(fillTemplate('{app}: {code} {other}', { app: '{code}', code: '123456' })).toBe(
			'{code}: 123456 {other}',
		);
	});
});
