import { describe, expect, it } from 'vitest';
import { TypedForm } from './typed-form';

const formOf = (entries: readonly (readonly [string, string | File])[]) => {
	const data = new FormData();
	for (const [name, value] of entries) data.append(name, value);
	return new TypedForm(data);
};

describe('a form read by type', () => {
	const picture = new File([new Uint8Array([1, 2, 3])], 'logo.png');
	const form = formOf([
		['name', ' Demo '],
		['public', 'on'],
		['uri', ' https://a.example '],
		['uri', ''],
		['uri', 'https://b.example'],
		['days', ' 14 '],
		['empty', ''],
		['logo', picture],
	]);

	it('gives text as typed, and nothing for what is absent or a file', () => {
		expect(form.text('name')).toBe(' Demo ');
		expect(form.text('absent')).toBe('');
		expect(form.text('logo')).toBe('');
	});

	it('tells an empty field from an absent one', () => {
		expect(form.given('empty')).toBe('');
		expect(form.given('absent')).toBeUndefined();
	});

	it('reads a missing box as off', () =>
		expect([form.flag('public'), form.flag('private')]).toEqual([true, false]));

	it('leaves empty lines of a list out', () => {
		expect(form.list('uri')).toEqual(['https://a.example', 'https://b.example']);
		expect(form.list('absent')).toEqual([]);
	});

	it.each([
		['14', 14],
		['-3', -3],
		['', undefined],
		['1.5', NaN],
		['1e3', NaN],
		['ten', NaN],
		['9'.repeat(16), NaN],
	])('reads "%s" as the whole number %s', (typed, expected) =>
		expect(formOf([['days', typed]]).integer('days')).toBe(expected),
	);

	it('gives the bytes of a file, and nothing where none was chosen', async () => {
		expect(await form.file('logo')).toEqual(Buffer.from([1, 2, 3]));
		expect(await formOf([['logo', new File([], '')]]).file('logo')).toBeUndefined();
		expect(await form.file('name')).toBeUndefined();
	});
});

describe('a post that is not a form', () => {
	const post = (body: string, type: string) =>
		TypedForm.read(
			new Request('http://localhost/', { method: 'POST', body, headers: { 'content-type': type } }),
		);

	it.each([
		['{}', 'application/json'],
		['name=x', 'text/plain'],
		['', 'multipart/form-data; boundary=x'],
		['name=x', 'multipart/form-data'],
	])('%s as %s is refused', (body, type) =>
		expect(post(body, type)).rejects.toMatchObject({ code: 'input/invalid' }),
	);

	it('that was cut off for its size is refused as too large', async () => {
		const request = new Request('http://localhost/', { method: 'POST', body: 'name=x' });
		request.formData = () => Promise.reject(Object.assign(new Error('cut'), { status: 413 }));
		await expect(TypedForm.read(request)).rejects.toMatchObject({ code: 'input/too-large' });
	});

	it('is read when it is a form after all', async () =>
		expect((await post('name=x', 'application/x-www-form-urlencoded')).text('name')).toBe('x'));
});
