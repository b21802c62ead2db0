/** What was acknowledged is there, whatever happens to the process. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChild } from './child';
import { openHere, temporaryFolder } from './files';

const named = (lines: readonly string[], word: string) =>
	lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));

describe('kill -9 in a burst of registrations', () => {
	it('loses no acknowledged account and leaves no half one, five times over', async () => {
		const dataDir = temporaryFolder();
		const acknowledged: string[] = [];
		const tried: string[] = [];
		for (let run = 0; run < 5; run++) {
			const child = runChild('./burst-writer.ts', [dataDir, `run${run}`]);
			// A different moment each time.
			await child.line(new RegExp(`^acknowledged run${run}-${100 + 37 * run}$`));
			await child.kill();
			acknowledged.push(...named(child.lines, 'acknowledged'));
			tried.push(...named(child.lines, 'tried'));
		}
		const storage = await openHere({ dataDir });
		const store = await storage.app(1);
		for (const id of acknowledged) {
			expect(await store.read.users.findById(id), id).toBeDefined();
			expect(await store.read.credentials.find(id, 'password'), id).toBeDefined();
		}
		const stored = await store.read.users.count();
		expect(stored).toBeGreaterThanOrEqual(acknowledged.length);
		// The last tries of a run may have been stored without an answer, or answered before the kill.
		expect(stored).toBeLessThanOrEqual(tried.length + 5 * 32);
		for (const id of tried) {
			const user = await store.read.users.findById(id);
			expect(Boolean(await store.read.credentials.find(id, 'password')), id).toBe(Boolean(user));
		}
	});
});

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;

describe('an acknowledgement', () => {
	it.skipIf(!canTrace)('is given only after an fsync that follows the work (F02)', async () => {
		const folder = temporaryFolder();
		const trace = join(folder, 'trace');
		const strace = ['strace', '-o', trace, '-e', 'trace=write,fsync,fdatasync', '-s', '64'];
		const child = runChild('./burst-writer.ts', [join(folder, 'data'), 'run', '400'], strace);
		expect(await child.ended).toBe(0);
		const unsafe = new Set<string>();
		let acknowledged = 0;
		let syncs = 0;
		for (const line of readFileSync(trace, 'utf8').split('\n')) {
			const [, word = '', id = ''] = /^write\(1, "(tried|acknowledged) ([\w-]+)/.exec(line) ?? [];
			if (word === 'tried') unsafe.add(id);
			if (/^f(data)?sync\(.*= 0$/.test(line)) {
				syncs += 1;
				unsafe.clear();
			}
			if (word === 'acknowledged') {
				acknowledged += 1;
				expect(unsafe.has(id), `${id} was acknowledged before it was on disk`).toBe(false);
			}
		}
		expect(acknowledged).toBe(400);
		expect(syncs).toBeGreaterThan(0);
		expect(syncs).toBeLessThan(200);
	});
});
