/** The vault of one database: its data key, wrapped by the master key, is created at the first use. */
import type { Clock } from '../runtime/clock';
import { createVault, newDataKey, type MasterKey, type Vault } from '../runtime/vault';
import type { SharedRepositories } from './shared/repositories';
import type { Store } from './store';

type KeyStore = Pick<Store<Pick<SharedRepositories, 'dataKeys'>>, 'read'> & {
	write<T>(work: (repositories: Pick<SharedRepositories, 'dataKeys'>) => Promise<T>): Promise<T>;
};

/** The data key of a database was wrapped by another master key: nothing in it can be opened. */
export class ForeignDataKey extends Error {
	constructor(cause: unknown) {
		super('the database was sealed under another master key', { cause });
		this.name = 'ForeignDataKey';
	}
}

/** @throws {ForeignDataKey} */
export async function createDataVault(store: KeyStore, masterKey: MasterKey, clock: Clock): Promise<Vault> {
	const known = await store.read.dataKeys.find();
	if (known === undefined) {
		const made = masterKey.wrap(newDataKey());
		await store.write((tx) => tx.dataKeys.claim(made, clock.now()));
	}
	// Read again: of two processes at once, only one key is stored, and both use it.
	const wrapped = known ?? (await store.read.dataKeys.find());
	if (wrapped === undefined) throw new Error('the data key that was just kept is not there');
	try {
		return createVault(masterKey.unwrap(wrapped));
	} catch (error) {
		throw new ForeignDataKey(error);
	}
}
