/** The two forms of the console that need no session refuse too long input before they do anything with it. */
import { isActionFailure } from '@sveltejs/kit';
import { describe, expect, it } from 'vitest';
import { actions as signIn } from '../admin/sign-in/+page.server';
import { actions as setup } from './+page.server';

type Door = (event: never) => unknown;

/** Nothing of the appliance may be used. */
const appliance = new Proxy(
	{ log: { debug: () => undefined, error: () => undefined } },
	{
		get(target, name) {
			if (name in target) return target[name as keyof typeof target];
			throw new Error(`reached ${String(name)}`);
		},
	},
);

async function post(door: Door, fields: Record<string, string>) {
	const url = new URL('http://console.invalid/');
	const body = new URLSearchParams(fields);
	const headers = { 'content-length': String(body.toString().length) };
	const answer = await door({
		url,
		request: new Request(url, { method: 'POST', body, headers }),
		cookies: {},
		locals: { appliance, locale: 'en', requestId: 'r', visitor: {} },
	} as never);
	if (!isActionFailure(answer)) throw new Error('let through');
	const { problem } = answer.data as unknown as { problem: { code: string; fields: object } };
	return { status: answer.status, code: problem.code, fields: Object.keys(problem.fields) };
}

const good = { setupCode: 'AAAA', email: 'owner@example.com', password: 'a-long-owner-secret' };
const doors: [name: string, door: Door][] = [
	['set-up', setup.default],
	['sign-in', signIn.default],
];

describe.each(doors)('the form of %s', (_, door) => {
	it('takes no email that is too long', async () =>
		expect(await post(door, { ...good, email: 'a'.repeat(255) })).toEqual({
			status: 413,
			code: 'input/too-large',
			fields: ['email'],
		}));

	it('takes no password that is too long', async () =>
		expect(await post(door, { ...good, password: 'a'.repeat(1025) })).toMatchObject({
			code: 'password/too-long',
			fields: ['password'],
		}));

	it('takes no NUL', async () =>
		expect(await post(door, { ...good, email: 'a\0@example.com' })).toMatchObject({
			code: 'input/invalid',
			fields: ['email'],
		}));

	it('takes no body larger than a form', async () =>
		expect(await post(door, { ...good, more: 'a'.repeat(70_000) })).toMatchObject({ status: 413 }));
});

it('takes no set-up code that is too long', async () =>
	expect(await post(setup.default, { ...good, setupCode: 'A'.repeat(101) })).toMatchObject({
		code: 'input/too-large',
		fields: ['setupCode'],
	}));
