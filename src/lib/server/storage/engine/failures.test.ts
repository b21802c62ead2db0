import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../contract/errors';
import { duplicateOf, isCollision, isDuplicate, translateFailure } from './failures';

const failure = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('failures of the engines', () => {
	it.each([
		['SQLITE_FULL', 'storage/full'],
		['SQLITE_IOERR_WRITE', 'storage/full'],
		['ENOSPC', 'storage/full'],
		['53100', 'storage/full'],
		['SQLITE_CORRUPT', 'app/damaged'],
		['SQLITE_CORRUPT_INDEX', 'app/damaged'],
		['SQLITE_NOTADB', 'app/damaged'],
		['XX001', 'app/damaged'],
		['SQLITE_BUSY', 'storage/unavailable'],
		['SQLITE_BUSY_SNAPSHOT', 'storage/unavailable'],
		['SQLITE_CANTOPEN', 'storage/unavailable'],
		['SQLITE_IOERR_READ', 'storage/unavailable'],
		['SQLITE_READONLY_DBMOVED', 'storage/unavailable'],
		['08006', 'storage/unavailable'],
		['28P01', 'storage/unavailable'],
		['53300', 'storage/unavailable'],
		['57014', 'storage/unavailable'],
		['57P01', 'storage/unavailable'],
		['25006', 'storage/unavailable'],
		['40P01', 'storage/unavailable'],
		['ECONNREFUSED', 'storage/unavailable'],
		['ENOTFOUND', 'storage/unavailable'],
		['22021', 'input/invalid'],
	])('%s become %s, with the cause for the log', (code, refusal) => {
		const cause = failure(code);
		const translated = translateFailure(cause);
		expect(translated).toBeInstanceOf(Refusal);
		expect(translated).toMatchObject({ code: refusal, cause, detail: code });
	});

	it.each([
		'Connection terminated unexpectedly',
		'timeout exceeded when trying to connect',
		'Cannot use a pool after calling end on the pool',
	])('without a code are known by their words: %s', (message) => {
		expect(translateFailure(new Error(message))).toMatchObject({ code: 'storage/unavailable' });
	});

	it.each([
		failure('SQLITE_CONSTRAINT_UNIQUE'),
		failure('SQLITE_ERROR'),
		failure('23505'),
		failure('42P01'),
		new Error('a bug'),
		new Refusal('user/not-found'),
		undefined,
		'text',
	])('leave other errors as they are', (error) => {
		expect(translateFailure(error)).toBe(error);
	});

	it('include duplicates, with the index they violate', () => {
		expect(isDuplicate(failure('SQLITE_CONSTRAINT_UNIQUE'))).toBe(true);
		expect(isDuplicate(failure('SQLITE_CONSTRAINT_PRIMARYKEY'))).toBe(true);
		expect(isDuplicate(failure('23505'))).toBe(true);
		for (const error of [
			failure('SQLITE_CONSTRAINT_FOREIGNKEY'),
			failure('23503'),
			new Error('x'),
			undefined,
			null,
		])
			expect(isDuplicate(error)).toBe(false);
		expect(
			duplicateOf(failure('SQLITE_CONSTRAINT_UNIQUE', 'UNIQUE constraint failed: user.email_key')),
		).toContain('user.email_key');
		expect(duplicateOf(Object.assign(failure('23505'), { constraint: 'user_email_key_key' }))).toBe(
			'user_email_key_key',
		);
		expect(duplicateOf({})).toBe('');
	});

	it('include those that are worth another try', () => {
		expect([
			isCollision(failure('40001')),
			isCollision(failure('40P01')),
			isCollision(failure('23505')),
			isCollision(undefined),
		]).toEqual([true, true, false, false]);
	});
});
