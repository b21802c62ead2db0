/**
 * The master key: given by the environment, or made once beside the SQLite files. The control database
 * remembers its fingerprint, so a lost or different key stops the start and is never replaced by a new one:
 * everything sealed with the old one would be gone.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock';
import { createMasterKey, createVault, newDataKey, type MasterKey, type Vault } from '../runtime/vault';
import type { ControlStore } from '../storage/control/repositories';
import type { SharedRepositories } from '../storage/shared/repositories';
import { StartRefused, type Config } from './environment';

const setting = 'master-key';

interface Needs {
	config: Pick<Config, 'MASTER_KEY' | 'DATA_DIR' | 'DATABASE_URL'>;
	control: ControlStore;
	clock: Clock;
}

/** @throws StartRefused when the key is missing or not the one this data was sealed with */
export async function loadMasterKey({ config, control, clock }: Needs): Promise<MasterKey> {
	const known = (await control.read.settings.find(setting)) as { fingerprint: string } | undefined;
	const key = createMasterKey(config.MASTER_KEY ?? keyFromFolder(config.DATA_DIR, known !== undefined));
	const claim = { fingerprint: key.fingerprint };
	const first = known === undefined && (await control.write((tx) => tx.settings.claim(setting, claim, clock.now())));
	const remembered = first ? claim : ((await control.read.settings.find(setting)) as { fingerprint: string });
	if (remembered.fingerprint !== key.fingerprint)
		throw new StartRefused('MASTER_KEY is not the key this data was sealed with: give the right one. Nothing was changed.');
	return key;
}

function keyFromFolder(folder: string, used: boolean): Buffer {
	const file = join(folder, 'master.key');
	if (existsSync(file)) {
		const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
		if (key.length !== 32) throw new StartRefused(`${file} does not hold 32 bytes in base64: put the right key back.`);
		return key;
	}
	if (used) throw new StartRefused(`${file} is missing, and this data was sealed with it: put it back, or set MASTER_KEY.`);
	const key = randomBytes(32);
	writeFileSync(file, `${key.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
	return key;
}

interface KeyedStore {
	readonly read: Pick<SharedRepositories, 'dataKeys'>;
	write<T>(work: (tx: Pick<SharedRepositories, 'dataKeys'>) => Promise<T>): Promise<T>;
}

/** The vault of one database; its data key is made at the first use. */
export async function createDataVault(store: KeyedStore, master: MasterKey, clock: Clock): Promise<Vault> {
	const wrapped = await store.write(async (tx) => {
		const known = await tx.dataKeys.find();
		if (known) return known;
		const made = master.wrap(newDataKey());
		await tx.dataKeys.create(made, clock.now());
		return made;
	});
	return createVault(master.unwrap(wrapped));
}
