import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openStorage } from '../../src/lib/server/storage/open';

it('opens', async () => {
	const dataDir = mkdtempSync(join(tmpdir(), 'm-'));
	const s = await openStorage({ dataDir });
	const a = await s.createApp(4);
	await a.write((r) => r.settings.save('x', { a: 1 }, 1));
	expect(await a.read.settings.find('x')).toEqual({ a: 1 });
	const n = await a.write((r) => r.users.create({ id: 'u', username: 'a', usernameKey: 'a', email: null, emailKey: null, emailVerified: false, phone: null, phoneKey: null, phoneVerified: false, name: '', nameKey: '', locale: null, status: 'active', createdAt: 1, updatedAt: 1 }));
	expect(n).toBe(1);
	expect(await a.read.users.list({ limit: 10, search: 'a' })).toHaveLength(1);
	expect(statSync(join(dataDir, 'control.db')).mode & 0o777).toBe(0o600);
	await s.close();
});
