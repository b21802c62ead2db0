/**
 * `npm run bench`: the built product beside what its parts can do with nothing around them, in one run.
 * Servers on the first core, the driver on the second, in turns. Prints a table, writes bench.json.
 * Loopback only, bounded in time; everything started is ended by its id.
 *
 * BENCH_ONLY=pages,sign-in measures these alone; BENCH_PROFILE=folder writes the product's CPU profile there.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, pinDriver, pinned, start } from './machine.mjs';
import { measureEngine } from './measured/engine.mjs';
import { measureRedirect } from './measured/redirect.mjs';
import { measureDocuments, measurePages, measureSessions } from './measured/reads.mjs';
import { measureSignIn } from './measured/sign-in.mjs';
import { measureStart } from './measured/start.mjs';
import { buildKitFloor, root, startProduct } from './product.mjs';
import { rows } from './report.mjs';

/** By name, in this order, against one product. */
const ofProduct = {
	documents: measureDocuments,
	pages: measurePages,
	sessions: measureSessions,
	'sign-in': measureSignIn,
};
const names = ['start', ...Object.keys(ofProduct), 'redirect', 'engine'];
const only = process.env.BENCH_ONLY?.split(',') ?? names;
const unknown = only.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`not measured: ${unknown.join(', ')}; there are ${names.join(', ')}`);

async function startFloors(folder, started) {
	const kitFolder = buildKitFloor(folder);
	const [http, kit] = [await freePort(), await freePort()];
	started.push(
		await start([join(root, 'tests/bench/floors/http.mjs')], { env: { PORT: String(http) }, ready: /ready/ }),
	);
	started.push(
		await start([join(kitFolder, 'index.js')], {
			env: { PORT: String(kit), HOST: '127.0.0.1', NODE_PATH: join(root, 'node_modules') },
			ready: `http://127.0.0.1:${kit}/json`,
		}),
	);
	return { http, kit };
}

async function measureProduct(folder, started) {
	const floors = await startFloors(folder, started);
	const product = await startProduct(folder);
	started.push(product);
	for (const [name, measure] of Object.entries(ofProduct))
		if (only.includes(name)) await measure(product, floors);
	if (product.output().includes('"level":50'))
		throw new Error(`the product logged errors:\n${product.output().slice(-2000)}`);
}

pinDriver();
if (!pinned) console.log('taskset is not there: server and driver share the cores, ratios are rough.');
const folder = mkdtempSync(join(tmpdir(), 'menshen-bench-'));
const started = [];
const stopAll = async () => {
	for (const child of started.splice(0)) await child.stop();
};
try {
	if (only.includes('start')) await measureStart(folder);
	if (only.some((name) => name in ofProduct)) await measureProduct(folder, started);
	await stopAll();
	if (only.includes('redirect')) await measureRedirect(folder);
	if (only.includes('engine')) measureEngine();
	const missed = rows.filter((row) => row.met === 'NO');
	console.log(missed.length ? `\n${missed.length} goals missed.` : '\nEvery goal reached.');
	if (only.length === names.length)
		writeFileSync(
			join(root, 'bench.json'),
			`${JSON.stringify({ at: new Date().toISOString(), pinned, rows }, null, 2)}\n`,
		);
} finally {
	await stopAll();
	rmSync(folder, { recursive: true, force: true });
}
