import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { actions, actionText } from './event-texts';

const server = join(import.meta.dirname, '../../../lib/server');

/** Every action that the server writes into an audit log, as its source names it. */
function writtenActions(): string[] {
	const files = readdirSync(server, { recursive: true, encoding: 'utf8' }).filter(
		(file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
	);
	const found = files.flatMap((file) => [
		...readFileSync(join(server, file), 'utf8').matchAll(/\baction: '([a-z]+\.[a-z-]+)'/g),
	]);
	return [...new Set(found.map((match) => match[1] ?? ''))];
}

describe('security events in words', () => {
	it('finds what the server writes', () => expect(writtenActions().length).toBeGreaterThan(20));

	it('has a text for each in both languages', () => {
		const wordless = writtenActions().filter(
			(action) => actionText(action, 'en') === action || actionText(action, 'zh-CN') === action,
		);
		expect(wordless).toEqual([]);
	});

	it('has a different text for each', () =>
		expect(new Set(actions.map((action) => actionText(action, 'en'))).size).toBe(actions.length));

	it('shows an action without a text by its id', () =>
		expect(actionText('plugin.own-thing', 'en')).toBe('plugin.own-thing'));
});
