/** Registers users in the app database of a folder, 32 at a time, and says which are acknowledged. Run by tests. */
import { writeSync } from 'node:fs';
import { openStorage } from '../../src/lib/server/storage/open';
import { userRow } from './suite/rows';

const [dataDir = '', run = '', count = '1000000'] = process.argv.slice(2);
const storage = await openStorage({ dataDir });
const store = await storage.app(1).catch(() => storage.createApp(1));
/** At once and in order, as the trace and the killed process need it. */
const say = (line: string) => writeSync(1, `${line}\n`);

let next = 0;
async function register(): Promise<void> {
	while (next < Number(count)) {
		const id = `${run}-${next++}`;
		await store.write(async (tx) => {
			await tx.users.create(userRow(id, { username: id }));
			await tx.credentials.create({ id, userId: id, connector: 'password', secret: 'hash' }, 1);
			say(`tried ${id}`);
		});
		say(`acknowledged ${id}`);
	}
}

await Promise.all(Array.from({ length: 32 }, register));
await storage.close();
say('done');
