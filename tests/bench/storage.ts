/**
 * What group commit and compiled queries are worth, on this disk. Absolute figures drift with the machine;
 * the ratio to naive commits, measured in the same run, is what counts.
 * Run alone: node --import ./tests/run-typescript.mjs tests/bench/storage.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { AppStore } from '../../src/lib/server/storage/app/repositories';
import { openStorage } from '../../src/lib/server/storage/open';

export interface Figure {
	name: string;
	concurrency: number;
	perSecond: number;
	p50: number;
	p99: number;
	/** Against the naive figure of the same concurrency, where there is one. */
	ratio?: number;
}

const duration = 1000;

/** Runs `work` for about a second, `concurrency` at a time. Latencies in milliseconds. */
async function measure(
	name: string,
	concurrency: number,
	work: (i: number) => Promise<unknown>,
): Promise<Figure> {
	const latencies: number[] = [];
	const started = performance.now();
	const until = started + duration;
	let i = 0;
	const worker = async () => {
		while (performance.now() < until) {
			const begun = performance.now();
			await work(i++);
			latencies.push(performance.now() - begun);
		}
	};
	await Promise.all(Array.from({ length: concurrency }, worker));
	const seconds = (performance.now() - started) / 1000;
	const sorted = latencies.sort((a, b) => a - b);
	const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
	return { name, concurrency, perSecond: Math.round(sorted.length / seconds), p50: at(0.5), p99: at(0.99) };
}

const ended = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Two statements and a commit of their own per request, as a driver without group commit does it. */
function naive(folder: string): (i: number) => Promise<unknown> {
	const db = new Sqlite(join(folder, 'naive.db'));
	db.pragma('journal_mode = WAL');
	db.pragma('synchronous = FULL');
	db.exec(
		'create table artifact (model text, id text, payload text, consumed_at integer, primary key (model, id))',
	);
	const insert = db.prepare('insert into artifact values (?, ?, ?, null)');
	const update = db.prepare('update artifact set consumed_at = ? where model = ? and id = ?');
	const both = db.transaction((id: string) => {
		insert.run('AccessToken', id, '{}');
		update.run(1, 'AccessToken', id);
	});
	return async (i) => {
		both.immediate(`naive ${i}`);
		await ended();
	};
}

const grouped = (store: AppStore, run: string) => (i: number) =>
	store.write(async (tx) => {
		const id = `${run} ${i}`;
		const none = {
			grantId: null,
			uid: null,
			userCode: null,
			accountId: null,
			clientId: null,
			expiresAt: null,
		};
		await tx.artifacts.save({ model: 'AccessToken', id, payload: {}, ...none });
		await tx.artifacts.consume('AccessToken', id, 1);
	});

async function measureReads(store: AppStore): Promise<Figure[]> {
	const found = (i: number) => store.read.artifacts.find('AccessToken', `grouped 1 ${i % 100}`);
	const absent = (i: number) => store.read.sessions.find(`absent ${i}`);
	return [await measure('artifacts.find', 1, found), await measure('sessions.find, absent', 1, absent)];
}

export async function benchStorage(): Promise<Figure[]> {
	const folder = mkdtempSync(join(tmpdir(), 'menshen-bench-'));
	const storage = await openStorage({ dataDir: folder });
	try {
		const store = await storage.createApp(1);
		const alone = naive(folder);
		const figures: Figure[] = [];
		let made = 0;
		for (const concurrency of [1, 16, 64]) {
			const one = await measure('commit each (FULL)', concurrency, () => alone(made++));
			const all = await measure('group commit (FULL)', concurrency, grouped(store, `grouped ${concurrency}`));
			figures.push(one, { ...all, ratio: all.perSecond / one.perSecond });
		}
		return [...figures, ...(await measureReads(store))];
	} finally {
		await storage.close();
		rmSync(folder, { recursive: true });
	}
}

export function tableOf(figures: readonly Figure[]): string {
	const cells = figures.map(({ name, concurrency, perSecond, p50, p99, ratio }) => [
		...[name, String(concurrency), perSecond.toLocaleString('en'), p50.toFixed(3), p99.toFixed(3)],
		ratio === undefined ? '' : `${ratio.toFixed(1)}×`,
	]);
	const head = ['storage', 'at once', 'per second', 'p50 ms', 'p99 ms', 'ratio'];
	const rows = [head, head.map(() => '---'), ...cells];
	return rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
}

if (process.argv[1] === import.meta.filename) process.stdout.write(`${tableOf(await benchStorage())}\n`);
