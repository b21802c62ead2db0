import { randomBytes } from 'node:crypto';
import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ControlStore } from '../storage/control/repositories';
import { openStorage } from '../storage/open';
import { StartRefused } from './environment';
import { loadMasterKey } from './master-key';

const clock = { now: () => 1000 };
let folder: string;
let file: string;
let control: ControlStore;

async function openControl(dataDir: string): Promise<ControlStore> {
	const storage = await openStorage({ dataDir });
	onTestFinished(() => storage.close());
	return storage.control;
}

beforeEach(async () => {
	folder = mkdtempSync(join(tmpdir(), 'menshen-key-'));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	file = join(folder, 'master.key');
	control = await openControl(folder);
});

const load = (more: { MASTER_KEY?: Buffer; DATABASE_URL?: string } = {}) =>
	loadMasterKey({
		config: { DATA_DIR: folder, DATABASE_URL: undefined, MASTER_KEY: undefined, ...more },
		control,
		clock,
	});

/** The line with which the start fails. */
async function refusal(promise: Promise<unknown>): Promise<string> {
	const error = await promise.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(StartRefused);
	const { message } = error as Error;
	expect(message).not.toContain('\n');
	return message;
}

describe('the first start', () => {
	it('makes a key for the owner alone and keeps its fingerprint', async () => {
		const before = process.umask(0);
		onTestFinished(() => void process.umask(before));
		const key = await load();
		expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
		expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32);
		expect(readdirSync(folder).filter((name) => name.includes('.new'))).toEqual([]);
		expect(await control.read.settings.find('master-key')).toEqual({ fingerprint: key.fingerprint });
		expect(readFileSync(file, 'utf8')).not.toContain(key.fingerprint);
	});

	it('takes the key of the environment and writes no file', async () => {
		const given = randomBytes(32);
		const key = await load({ MASTER_KEY: given });
		expect(existsSync(file)).toBe(false);
		expect((await load({ MASTER_KEY: given })).fingerprint).toBe(key.fingerprint);
	});

	it('takes a key file that was put there, e.g. by a start that ended before it kept the fingerprint', async () => {
		const given = randomBytes(32);
		writeFileSync(file, given.toString('base64'), { mode: 0o600 });
		const key = await load();
		expect((await load({ MASTER_KEY: given })).fingerprint).toBe(key.fingerprint);
		expect(readFileSync(file, 'utf8')).toBe(given.toString('base64'));
	});

	it('with PostgreSQL makes no key', async () => {
		expect(await refusal(load({ DATABASE_URL: 'postgres://localhost/x' }))).toContain(
			'MASTER_KEY is not set',
		);
		expect(existsSync(file)).toBe(false);
		expect(await control.read.settings.find('master-key')).toBeUndefined();
	});

	it('lets one of two starts with different keys through', async () => {
		const outcomes = await Promise.allSettled([
			load({ MASTER_KEY: randomBytes(32) }),
			load({ MASTER_KEY: randomBytes(32) }),
		]);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
	});
});

describe('a later start', () => {
	it('finds the same key again', async () => {
		const first = await load();
		const again = await load();
		expect(again.fingerprint).toBe(first.fingerprint);
		const secret = randomBytes(32);
		expect(again.unwrap(first.wrap(secret))).toEqual(secret);
	});

	it('without the key is refused and creates no key', async () => {
		await load();
		renameSync(file, `${file}.away`);
		expect(await refusal(load())).toContain(file);
		expect(existsSync(file)).toBe(false);
		renameSync(`${file}.away`, file);
		await load();
	});

	it('with PostgreSQL and without the key is refused', async () => {
		await load({ MASTER_KEY: randomBytes(32), DATABASE_URL: 'postgres://localhost/x' });
		expect(await refusal(load({ DATABASE_URL: 'postgres://localhost/x' }))).toContain('MASTER_KEY');
	});

	it('with another key is refused, from the file as from the environment', async () => {
		const first = await load();
		expect(await refusal(load({ MASTER_KEY: randomBytes(32) }))).toContain('MASTER_KEY is not the key');
		const right = readFileSync(file);
		writeFileSync(file, randomBytes(32).toString('base64'));
		expect(await refusal(load())).toContain(`${file} is not the key`);
		expect(await control.read.settings.find('master-key')).toEqual({ fingerprint: first.fingerprint });
		writeFileSync(file, right);
		expect((await load()).fingerprint).toBe(first.fingerprint);
	});

	it.each([
		'',
		'short',
		'x'.repeat(43),
		randomBytes(31).toString('base64'),
		`${randomBytes(32).toString('base64')} and more`,
	])('with a spoilt file (%s) is refused and leaves it as it is', async (content) => {
		await load();
		writeFileSync(file, content);
		expect(await refusal(load())).toContain('is not a master key');
		expect(readFileSync(file, 'utf8')).toBe(content);
	});

	it('closes a file that others could read, and says so', async () => {
		await load();
		chmodSync(file, 0o644);
		const log = { info: vi.fn(), warn: vi.fn() };
		const config = { DATA_DIR: folder, DATABASE_URL: undefined, MASTER_KEY: undefined };
		await loadMasterKey({ config, control, clock, log });
		expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
		expect(log.warn).toHaveBeenCalledOnce();
		expect(log.info).not.toHaveBeenCalled();
	});
});
