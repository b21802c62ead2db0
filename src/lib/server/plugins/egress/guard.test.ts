import { describe, expect, it } from 'vitest';
import { parseAllowList } from './allow-list';
import { EgressFailure } from './failure';
import { createGuard, lookupBySystem, type Address, type Lookup } from './guard';

const address = (text: string): Address => ({ address: text, family: text.includes(':') ? 6 : 4 });
const answering =
	(...texts: string[]): Lookup =>
	async () =>
		texts.map(address);
const guardWith = (lookup: Lookup, allow: string[] = []) =>
	createGuard({ allow: parseAllowList(allow), lookup });
const failureOf = async (work: Promise<unknown>) => {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(EgressFailure);
	return error as EgressFailure;
};

describe('a name', () => {
	it('is resolved to the addresses that were checked', async () => {
		expect(await guardWith(answering('8.8.8.8', '2606:4700::1')).resolve('vendor.example')).toEqual([
			address('8.8.8.8'),
			address('2606:4700::1'),
		]);
	});

	it('with one private address among public ones is refused altogether', async () => {
		const failure = await failureOf(guardWith(answering('8.8.8.8', '127.0.0.1')).resolve('mixed.example'));
		expect(failure).toMatchObject({ kind: 'refused', host: 'mixed.example' });
	});

	it.each(['::ffff:127.0.0.1', '::1', 'fd00::1', 'fe80::1%eth0', '169.254.169.254', '0.0.0.0'])(
		'that leads to %s is refused',
		async (text) => {
			expect((await failureOf(guardWith(answering(text)).resolve('evil.example'))).kind).toBe('refused');
		},
	);

	it('without an address, or that cannot be resolved, is a network failure', async () => {
		expect((await failureOf(guardWith(answering()).resolve('none.example'))).kind).toBe('network');
		expect(
			(await failureOf(guardWith(() => Promise.reject(new Error('ENOTFOUND'))).resolve('none.example'))).kind,
		).toBe('network');
	});

	it('that is allowed may lead anywhere; an allowed range is enough for any name', async () => {
		expect(await guardWith(answering('10.0.0.1'), ['mail.lan']).resolve('MAIL.lan.')).toHaveLength(1);
		expect(await guardWith(answering('10.0.0.1'), ['10.0.0.0/8']).resolve('other.lan')).toHaveLength(1);
		expect((await failureOf(guardWith(answering('10.0.0.1'), ['mail.lan']).resolve('other.lan'))).kind).toBe(
			'refused',
		);
	});

	it('is resolved in its canonical form', async () => {
		const asked: string[] = [];
		const guard = guardWith(async (host) => {
			asked.push(host);
			return [address('8.8.8.8')];
		});
		await guard.resolve('Vendor.EXAMPLE.');
		expect(asked).toEqual(['vendor.example']);
	});
});

describe('an address in place of a name', () => {
	it('is checked without a name server', async () => {
		const guard = guardWith(() => Promise.reject(new Error('asked')));
		expect(await guard.resolve('8.8.8.8')).toEqual([address('8.8.8.8')]);
		expect((await failureOf(guard.resolve('0x7f.1'))).kind).toBe('refused');
		expect(() => guard.refuseLiteral('[::1]')).toThrow(EgressFailure);
		expect(() => guard.refuseLiteral('localhost')).not.toThrow();
	});

	it('is refused when it is not a host at all', async () => {
		expect((await failureOf(guardWith(answering('8.8.8.8')).resolve('a b'))).kind).toBe('refused');
	});
});

describe('the system resolver', () => {
	it('resolves this machine, also with more requests than it runs at once', async () => {
		const found = await Promise.all(Array.from({ length: 10 }, () => lookupBySystem('localhost')));
		expect(
			found.every((addresses) => addresses.some((each) => ['127.0.0.1', '::1'].includes(each.address))),
		).toBe(true);
	});

	it('localhost is refused by default', async () => {
		const guard = createGuard({ allow: parseAllowList([]) });
		for (const name of ['localhost', 'LOCALHOST.', 'localhost.'])
			expect((await failureOf(guard.resolve(name))).kind).toBe('refused');
	});
});
