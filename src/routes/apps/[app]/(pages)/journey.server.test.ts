import type { RequestEvent } from '@sveltejs/kit';
import { describe, expect, it } from 'vitest';
import { standAlone } from './journey.server';

const arriving = (query = '') =>
	standAlone({
		params: { app: '4' },
		url: new URL(`http://localhost/apps/4/sign-in${query}`),
	} as unknown as RequestEvent);

describe('a way without a client', () => {
	it('ends at the account', async () => {
		const journey = arriving();
		expect(journey.next).toBe('/apps/4/account');
		expect(await journey.finish(undefined as never)).toBe('/apps/4/account');
		expect(journey.href('register')).toBe('/apps/4/register');
		expect(journey.href('verify')).toBe('/apps/4/verify-email');
	});

	it('remembers at each step where it was to end', () => {
		const journey = arriving('?next=%2Fapps%2F4%2Faccount%2Fsecurity%3Fa%3Db');
		expect(journey.next).toBe('/apps/4/account/security?a=b');
		expect(journey.href('recover')).toBe('/apps/4/recover?next=%2Fapps%2F4%2Faccount%2Fsecurity%3Fa%3Db');
	});

	it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)'])(
		'never leads to %s',
		(next) => {
			const journey = arriving(`?next=${encodeURIComponent(next)}`);
			expect([journey.next, journey.href('register')]).toEqual(['/apps/4/account', '/apps/4/register']);
		},
	);

	it('never wants the password again of somebody who is signed in', () => {
		expect(arriving().fresh).toBe(false);
		expect(arriving().skip).toBeUndefined();
	});
});
