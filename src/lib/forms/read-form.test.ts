import { describe, expect, it } from 'vitest';
import { Refusal } from '../contract/errors';
import { formFields } from './form-fields';
import { keptOf, readForm } from './read-form';

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
	new Request('http://localhost/', { method: 'POST', body, headers });
const form = (values: Record<string, string>) => post(new URLSearchParams(values));

async function refusalOf(work: Promise<unknown>): Promise<Refusal> {
	const thrown: unknown = await work.then(
		() => undefined,
		(error: unknown) => error,
	);
	if (!(thrown instanceof Refusal)) throw new Error(`no refusal but ${String(thrown)}`);
	return thrown;
}

describe('a posted form', () => {
	it('gives the named fields as typed and nothing else', async () => {
		const typed = await readForm(form({ identifier: ' Alice ', password: ' pass word ', role: 'admin' }), [
			'identifier',
			'password',
		]);
		expect(typed).toEqual({ identifier: ' Alice ', password: ' pass word ' });
	});

	it('gives absent fields and files as empty', async () => {
		const body = new FormData();
		body.set('identifier', new File(['x'], 'x.txt'));
		expect(await readForm(post(body), ['identifier', 'code'])).toEqual({ identifier: '', code: '' });
	});

	it('takes the first of a repeated field', async () => {
		const typed = await readForm(post(new URLSearchParams('identifier=a&identifier=b')), ['identifier']);
		expect(typed.identifier).toBe('a');
	});

	it('may hold the longest value and no longer one', async () => {
		const longest = 'a'.repeat(formFields.identifier);
		expect((await readForm(form({ identifier: longest }), ['identifier'])).identifier).toBe(longest);
		const refusal = await refusalOf(readForm(form({ identifier: `${longest}a` }), ['identifier']));
		expect([refusal.code, refusal.fields]).toEqual(['input/too-large', { identifier: 'input/too-large' }]);
	});

	it('reports a password that is too long as such', async () => {
		const refusal = await refusalOf(readForm(form({ newPassword: 'a'.repeat(1025) }), ['newPassword']));
		expect([refusal.code, refusal.params]).toEqual(['password/too-long', { max: 1024 }]);
	});

	it('with NUL in a value is refused at that field', async () => {
		const refusal = await refusalOf(readForm(form({ identifier: 'a\0b' }), ['identifier']));
		expect([refusal.code, refusal.fields]).toEqual(['input/invalid', { identifier: 'input/invalid' }]);
	});

	it('with a large content length is not read at all', async () => {
		const request = form({ identifier: 'a' });
		request.headers.set('content-length', String(64 * 1024 + 1));
		expect((await refusalOf(readForm(request, ['identifier']))).code).toBe('input/too-large');
		expect(request.bodyUsed).toBe(false);
	});

	it('is refused when it is not a form', async () => {
		const request = post('{"identifier":"a"}', { 'content-type': 'application/json' });
		expect((await refusalOf(readForm(request, ['identifier']))).code).toBe('input/invalid');
	});

	it('cut off by the server for its size is refused as too large', async () => {
		const request = form({});
		request.formData = () => Promise.reject(Object.assign(new Error('cut'), { status: 413 }));
		expect((await refusalOf(readForm(request, ['identifier']))).code).toBe('input/too-large');
	});
});

it('keeps what was typed, but no secret', () => {
	expect(
		keptOf({ identifier: 'a', password: 'p', newPassword: 'n', code: '1', token: 't', email: 'e' }),
	).toEqual({
		identifier: 'a',
		email: 'e',
	});
});
