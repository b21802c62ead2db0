import type { RequestEvent } from '@sveltejs/kit';
import { describe, expect, it } from 'vitest';
import { resumed, standAlone } from './journey.server';

const arriving = (query = '') =>
	standAlone({
		params: { app: '4' },
		url: new URL(`http://localhost/apps/4/sign-in${query}`),
	} as unknown as RequestEvent);

describe('a sign-in without a client', () => {
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

	it('never asks a signed-in user for the password again', () => {
		expect(arriving().fresh).toBe(false);
		expect(arriving().skip).toBeUndefined();
	});
});

describe('a sign-in after the return from a vendor', () => {
	const back = (to: string) =>
		resumed(
			{
				params: { app: '4' },
				url: new URL('http://localhost/apps/4/connect/github/callback?code=x&next=%2Fapps%2F4%2Fnothing'),
			} as unknown as RequestEvent,
			to,
		);

	it('goes on within its interaction, whose own page finishes it', async () => {
		const journey = back('/apps/4/interaction/abc?ui_locales=zh-CN');
		expect(journey.href('connect')).toBe('/apps/4/interaction/abc/connect?ui_locales=zh-CN');
		expect(journey.href('sign-in')).toBe('/apps/4/interaction/abc?ui_locales=zh-CN');
		expect(await journey.finish(undefined as never)).toBe('/apps/4/interaction/abc?ui_locales=zh-CN');
	});

	it('goes on to where it was to end without a client', async () => {
		const journey = back('/apps/4/sign-in?next=%2Fapps%2F4%2Faccount%2Fsecurity');
		expect(journey.href('prove')).toBe('/apps/4/prove?next=%2Fapps%2F4%2Faccount%2Fsecurity');
		expect(await journey.finish(undefined as never)).toBe('/apps/4/account/security');
	});

	it.each(['/apps/5/interaction/abc', '/apps/4/sign-in?next=//evil.example'])(
		'never leaves its app: %s',
		async (to) => expect(await back(to).finish(undefined as never)).toBe('/apps/4/account'),
	);
});
