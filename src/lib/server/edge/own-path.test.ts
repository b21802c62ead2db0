import { describe, expect, it } from 'vitest';
import { ownPath } from './own-path';

describe('the way back after signing in', () => {
	it.each(['/admin', '/admin/apps/4?tab=theme', '/apps/4/account#top', '/a%2F%2Fb'])('%s is kept', (path) =>
		expect(ownPath(path, '/')).toBe(path),
	);

	it.each([
		'//evil.example',
		'/\\evil.example',
		'\\\\evil.example',
		'https://evil.example',
		'javascript:alert(1)',
		'/\t/evil.example',
		'/\n/evil.example',
		'///evil.example',
		'evil.example',
		'',
		'/..//evil.example',
		'/.//evil.example',
		'http:/evil.example',
		'//user@evil.example',
		'/\u0000/evil.example',
		'\u0001//evil.example',
		null,
		undefined,
	])('%s is not followed', (path) => expect(ownPath(path, '/home')).toBe('/home'));
});
