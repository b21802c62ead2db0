import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { createMasterKey } from '../../src/lib/server/runtime/vault';
import { createDataVault, ForeignDataKey } from '../../src/lib/server/storage/data-vault';
import { openHere } from './files';
import { atOnce } from './suite/rows';

const clock = { now: () => 1000 };
const masterKey = createMasterKey(randomBytes(32));

it('is made at the first use, once, and is the same ever after', async () => {
	const { dataDir, ...storage } = await openHere();
	const app = await storage.createApp(1);
	const vaults = await atOnce(10, () => createDataVault(app, masterKey, clock));
	const sealed = vaults.map((vault, i) => vault.seal(`secret ${i}`, 'here'));
	await storage.close();
	const again = await (await openHere({ dataDir })).app(1);
	const vault = await createDataVault(again, masterKey, clock);
	expect(sealed.map((value) => vault.open(value, 'here'))).toEqual(vaults.map((_, i) => `secret ${i}`));
});

it('differs from database to database', async () => {
	const storage = await openHere();
	const [one, two] = [await storage.createApp(1), await storage.createApp(2)];
	const sealed = (await createDataVault(one, masterKey, clock)).seal('secret', 'here');
	for (const store of [two, storage.control]) {
		const other = await createDataVault(store, masterKey, clock);
		expect(() => other.open(sealed, 'here')).toThrow();
	}
});

it('opens under its own master key only, and says so', async () => {
	const storage = await openHere();
	const app = await storage.createApp(1);
	await createDataVault(app, masterKey, clock);
	await expect(createDataVault(app, createMasterKey(randomBytes(32)), clock)).rejects.toBeInstanceOf(
		ForeignDataKey,
	);
});

it('keeps its key in the database wrapped only', async () => {
	const storage = await openHere();
	const app = await storage.createApp(1);
	await createDataVault(app, masterKey, clock);
	const wrapped = (await app.read.dataKeys.find()) ?? '';
	expect(wrapped).toMatch(/^v1\./);
	expect(masterKey.unwrap(wrapped)).toHaveLength(32);
	expect(Buffer.from(wrapped.slice(3), 'base64url').includes(masterKey.unwrap(wrapped))).toBe(false);
});
