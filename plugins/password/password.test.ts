import { hash, parseOptions } from '@node-rs/argon2';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextFor } from '@menshen/plugin-kit/context-under-test';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import plugin from './index.server';

const secret = 'canary 正确的马 battery staple';
const quiet = () => undefined;
const context = contextFor(plugin);

const { secret: kind } = plugin;
if (!kind) throw new Error('the password plugin is of kind secret');
const enrol = async (typed: string) => kind.enrol({ secret: typed }, context);
const check = async (typed: string, stored: string | undefined) =>
	kind.check({ secret: typed, stored }, context);

describe('password', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: {},
		call: (each, given) => each.secret?.enrol({ secret }, given),
		accept: (stored) => expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
		failures: [
			{
				name: 'an empty password is refused',
				arrange: quiet,
				call: (each, given) => each.secret?.enrol({ secret: '' }, given),
				expected: { reason: 'refused' },
			},
			{
				name: '1,025 characters are refused',
				arrange: quiet,
				call: (each, given) => each.secret?.enrol({ secret: '长'.repeat(1025) }, given),
				expected: { reason: 'refused' },
			},
		],
		secrets: [secret],
	}))
		it(name, run);
});

describe('what is stored', () => {
	let stored: string;
	beforeAll(async () => {
		stored = await enrol(secret);
	});

	it('is argon2id with 19 MiB, two passes, one lane, a fresh salt each time', async () => {
		expect(parseOptions(stored)).toMatchObject({
			algorithm: 2,
			memoryCost: 19_456,
			timeCost: 2,
			parallelism: 1,
			outputLen: 32,
			saltLen: 16,
		});
		expect(await enrol(secret)).not.toBe(stored);
	});

	it('fits the same password only', async () => {
		expect(await check(secret, stored)).toEqual({ ok: true });
		expect(await check(`${secret} `, stored)).toEqual({ ok: false });
		expect(await check(secret.toUpperCase(), stored)).toEqual({ ok: false });
		expect(await check('', stored)).toEqual({ ok: false });
	});
});

describe('no truncation, no folding (C01)', () => {
	it.each([72, 128, 1024])('%i characters: the last one counts', async (length) => {
		const typed = 'a'.repeat(length - 1);
		const stored = await enrol(`${typed}b`);
		expect((await check(`${typed}b`, stored)).ok).toBe(true);
		expect((await check(`${typed}c`, stored)).ok).toBe(false);
		expect((await check(typed, stored)).ok).toBe(false);
	});

	it('1,024 characters outside the basic plane are accepted', async () => {
		const typed = '𠮷'.repeat(1024);
		expect((await check(typed, await enrol(typed))).ok).toBe(true);
	});

	it('what lies behind a NUL counts', async () => {
		const stored = await enrol('first\0second');
		expect((await check('first\0other', stored)).ok).toBe(false);
		expect((await check('first', stored)).ok).toBe(false);
	});

	it('é is the same composed or not; ﬁ is not fi', async () => {
		expect((await check('cafe\u0301', await enrol('caf\u00e9'))).ok).toBe(true);
		expect((await check('find', await enrol('\ufb01nd'))).ok).toBe(false);
	});

	it('a megabyte is refused without hashing it', async () => {
		const from = performance.now();
		expect(await check('x'.repeat(1_000_000), await enrol('y'))).toEqual({ ok: false });
		expect(performance.now() - from).toBeLessThan(2_000);
	});
});

describe('outdated parameters', () => {
	it.each([
		{ memoryCost: 8192, timeCost: 2, parallelism: 1 },
		{ memoryCost: 19_456, timeCost: 3, parallelism: 1 },
		{ memoryCost: 19_456, timeCost: 2, parallelism: 2 },
		{ memoryCost: 19_456, timeCost: 2, parallelism: 1, algorithm: 1 },
		{ memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 16 },
	])('%j: fits, and a new hash is given', async (options) => {
		const old = await hash(secret, options);
		const verdict = await check(secret, old);
		expect(verdict.ok).toBe(true);
		expect(await check(secret, verdict.rehash)).toEqual({ ok: true });
	});

	it('no new hash for a wrong password', async () => {
		expect(await check('wrong', await hash(secret, { memoryCost: 8192 }))).toEqual({ ok: false });
	});

	it('a hash that would take the memory of the machine is not computed', async () => {
		const costly = (await enrol(secret)).replace('m=19456', 'm=4194304');
		context.lines.length = 0;
		expect(await check(secret, costly)).toEqual({ ok: false });
		expect(context.lines).toHaveLength(1);
		expect(context.lines[0]).not.toContain('argon2id$');
	});

	it.each(['', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=19456,t=2,p=1$', '$argon2id$'])(
		'an invalid argon2 hash (%j) fits nothing',
		async (stored) => {
			expect(await check(secret, stored)).toEqual({ ok: false });
			expect(await check('', stored)).toEqual({ ok: false });
		},
	);
});
