/**
 * The master key: from the environment, or kept in DATA_DIR/master.key. Its fingerprint is in the control database
 * from the first start on; without the matching key nothing starts, and no new one is ever made, because all sealed
 * data would be lost.
 */
import {
	chmodSync,
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { systemClock, type Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import { createMasterKey, newDataKey, type MasterKey } from '../runtime/vault';
import type { ControlStore } from '../storage/control/repositories';
import { StartRefused } from './environment';

interface Needs {
	config: { DATA_DIR: string; DATABASE_URL?: string | undefined; MASTER_KEY?: Buffer | undefined };
	control: ControlStore;
	clock?: Clock;
	log?: Pick<Log, 'info' | 'warn'>;
}

const settingName = 'master-key';
const settingShape = z.object({ fingerprint: z.string() });
const keyBytes = 32;
/** Readable by others than the owner. */
const tooOpen = 0o077;

async function fingerprintOf(control: ControlStore): Promise<string | undefined> {
	const setting = await control.read.settings.find(settingName);
	return setting === undefined ? undefined : settingShape.parse(setting).fingerprint;
}

function readKeyFile({ log }: Needs, file: string): Buffer | undefined {
	if (!existsSync(file)) return undefined;
	if (statSync(file).mode & tooOpen) {
		log?.warn({ file }, 'the master key was readable by others: only its owner may read it now');
		chmodSync(file, 0o600);
	}
	const text = readFileSync(file, 'utf8').trim();
	const key = Buffer.from(text, 'base64');
	if (key.length !== keyBytes || key.toString('base64') !== text)
		throw new StartRefused(`${file} is not a master key (32 bytes in base64): put the right one back.`);
	return key;
}

/** The file gets its name when it is complete and on disk, and is never readable by others. */
function writeKeyFile(file: string, key: Buffer): void {
	const unfinished = `${file}.new`;
	rmSync(unfinished, { force: true });
	const descriptor = openSync(unfinished, 'wx', 0o600);
	writeSync(descriptor, `${key.toString('base64')}\n`);
	fsyncSync(descriptor);
	closeSync(descriptor);
	renameSync(unfinished, file);
	const folder = openSync(dirname(file), 'r');
	fsyncSync(folder);
	closeSync(folder);
}

function makeKey({ log }: Needs, file: string): Buffer {
	const key = newDataKey();
	writeKeyFile(file, key);
	log?.info({ file }, 'made the master key: keep a copy of it apart from the backups');
	return key;
}

/** @returns the key, whether or not it is the right one, or undefined */
function findKey(needs: Needs, file: string): Buffer | undefined {
	const { MASTER_KEY, DATABASE_URL } = needs.config;
	return MASTER_KEY ?? (DATABASE_URL ? undefined : readKeyFile(needs, file));
}

function refuseMissing(file: string, usesPostgres: boolean): never {
	if (usesPostgres)
		throw new StartRefused(
			'MASTER_KEY is not set: the database belongs to one, set it (32 bytes in base64).',
		);
	throw new StartRefused(
		`${file} is missing and MASTER_KEY is not set: put back the key that this data was made with.`,
	);
}

/**
 * Finds the master key; with SQLite and at the very first start, makes it.
 * @throws {StartRefused} with one line, when it is missing or is not the one the data belongs to
 */
export async function loadMasterKey(needs: Needs): Promise<MasterKey> {
	const file = join(needs.config.DATA_DIR, 'master.key');
	const known = await fingerprintOf(needs.control);
	const found = findKey(needs, file);
	if (!found && (known !== undefined || needs.config.DATABASE_URL))
		refuseMissing(file, needs.config.DATABASE_URL !== undefined);
	const masterKey = createMasterKey(found ?? makeKey(needs, file));
	const { fingerprint } = masterKey;
	const clock = needs.clock ?? systemClock;
	if (known === undefined)
		await needs.control.write((tx) => tx.settings.claim(settingName, { fingerprint }, clock.now()));
	// Read again: another process may have been first, with another key.
	if ((await fingerprintOf(needs.control)) !== fingerprint) {
		const source = needs.config.MASTER_KEY ? 'MASTER_KEY' : file;
		throw new StartRefused(`${source} is not the key that this data was made with: start with that one.`);
	}
	return masterKey;
}
