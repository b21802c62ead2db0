/**
 * `npm run bench`: the built product beside what its parts can do with nothing around them, in one run.
 * Servers on the first core, the driver on the second, in turns. Prints a table, writes bench.json.
 * Loopback only, bounded in time; everything started is ended by its id.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { drive, get, post } from './driver.mjs';
import { freePort, pinDriver, pinned, start } from './machine.mjs';

const root = resolve(import.meta.dirname, '../..');
const seconds = Number(process.env.BENCH_SECONDS ?? 2);
const turns = Number(process.env.BENCH_TURNS ?? 3);
const people = 64;
const password = 'correct-horse-battery';
const folder = mkdtempSync(join(tmpdir(), 'menshen-bench-'));
const rows = [];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));

function note(what, { figure, unit = '/s', against = '', ratio, goal, atMost = false }) {
	const met = goal === undefined ? '' : (atMost ? ratio <= goal : ratio >= goal) ? 'yes' : 'NO';
	rows.push({ what, figure, unit, against, ratio, goal, met });
	const shown = ratio === undefined ? '' : ratio.toFixed(2);
	console.log(
		[
			what.padEnd(38),
			`${round(figure)}${unit}`.padStart(12),
			against.padEnd(34),
			shown.padStart(6),
			String(goal ?? '').padStart(5),
			met,
		].join('  '),
	);
}

/** Each load in turns, so that whatever else the machine does strikes all alike. @returns medians */
async function inTurns(loads) {
	const results = loads.map(() => []);
	for (let turn = 0; turn < turns; turn++)
		for (const [index, load] of loads.entries()) results[index].push(await drive({ seconds, ...load }));
	return results.map((runs) => ({
		perSecond: median(runs.map((run) => run.perSecond)),
		p50: median(runs.map((run) => run.p50)),
		p99: median(runs.map((run) => run.p99)),
		errors: runs.reduce((sum, run) => sum + run.errors, 0),
	}));
}

function failOnErrors(results) {
	const errors = results.reduce((sum, result) => sum + result.errors, 0);
	if (errors > 0) throw new Error(`${errors} answers were wrong: the figures mean nothing`);
}

async function buildKitFloor() {
	const out = join(folder, 'kit');
	const cwd = join(root, 'tests/bench/floors/kit');
	execFileSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build'], {
		cwd,
		env: { ...process.env, FLOOR_OUT: out },
		stdio: 'ignore',
	});
	rmSync(join(cwd, '.svelte-kit'), { recursive: true, force: true });
	return out;
}

async function startProduct(dataDir) {
	const port = await freePort();
	const apply = join(folder, 'apply.yaml');
	const users = Array.from(
		{ length: people },
		(_, i) => `      - { username: person${i}, password: ${password} }`,
	).join('\n');
	writeFileSync(
		apply,
		`apps:\n  - id: 4\n    name: Bench\n    users:\n${users}\n    clients:\n      - { id: web, name: Web, redirectUris: ["https://rp.example/cb"] }\n`,
	);
	const env = {
		PORT: String(port),
		HOST: '127.0.0.1',
		DATA_DIR: dataDir,
		LOG_FORMAT: 'json',
		LOG_LEVEL: 'info',
		NODE_ENV: 'production',
		MENSHEN_APPLY: apply,
	};
	// Whether it was ever started: cold start is measured with the data in place.
	const flags = ['--max-semi-space-size=4', 'server.js'];
	const first = await start(flags, { cwd: root, env, ready: `http://127.0.0.1:${port}/readyz` });
	await first.stop();
	delete env.MENSHEN_APPLY;
	const product = await start(flags, {
		cwd: root,
		env,
		ready: `http://127.0.0.1:${port}/apps/4/.well-known/openid-configuration`,
	});
	return { port, ...product };
}

const json = { 'content-type': 'application/json', 'menshen-app': '4' };
const signInOf = (person) =>
	post('/trpc/auth.signIn', JSON.stringify({ identifier: `person${person}`, password }), json);

async function sessionCookie(port) {
	const answer = await fetch(`http://127.0.0.1:${port}/trpc/auth.signIn`, {
		method: 'POST',
		headers: json,
		body: JSON.stringify({ identifier: 'person0', password }),
	});
	return answer.headers
		.getSetCookie()
		.map((line) => line.split(';')[0])
		.join('; ');
}

async function interactionPage(port) {
	const query = new URLSearchParams({
		client_id: 'web',
		response_type: 'code',
		redirect_uri: 'https://rp.example/cb',
		scope: 'openid',
		code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
		code_challenge_method: 'S256',
		state: 's',
		nonce: 'n',
	});
	const answer = await fetch(`http://127.0.0.1:${port}/apps/4/oidc/auth?${query}`, { redirect: 'manual' });
	const cookie = answer.headers
		.getSetCookie()
		.map((line) => line.split(';')[0])
		.join('; ');
	return { path: new URL(answer.headers.get('location') ?? '', `http://127.0.0.1:${port}`).pathname, cookie };
}

async function measureDocuments(product, floor) {
	const [bare, discovery, jwks] = await inTurns([
		{ port: floor, request: get('/') },
		{ port: product.port, request: get('/apps/4/.well-known/openid-configuration') },
		{ port: product.port, request: get('/apps/4/oidc/jwks') },
	]);
	failOnErrors([bare, discovery, jwks]);
	note('discovery', {
		figure: discovery.perSecond,
		against: `node:http ${round(bare.perSecond)}`,
		ratio: discovery.perSecond / bare.perSecond,
		goal: 0.6,
	});
	note('JWKS', {
		figure: jwks.perSecond,
		against: `node:http ${round(bare.perSecond)}`,
		ratio: jwks.perSecond / bare.perSecond,
		goal: 0.6,
	});
}

async function measurePages(product, kit) {
	const { path, cookie } = await interactionPage(product.port);
	const headers = { cookie, accept: 'text/html', host: `localhost:${product.port}` };
	const request = Buffer.from(
		`GET ${path} HTTP/1.1\r\n${Object.entries(headers)
			.map(([name, value]) => `${name}: ${value}\r\n`)
			.join('')}\r\n`,
	);
	const [floor, page] = await inTurns([
		{ port: kit, request: get('/') },
		{ port: product.port, request },
	]);
	failOnErrors([floor, page]);
	note('sign-in page', {
		figure: page.perSecond,
		against: `SvelteKit page ${round(floor.perSecond)}`,
		ratio: page.perSecond / floor.perSecond,
		goal: 0.8,
	});
}

async function measureSessions(product, { kit, floor }) {
	const cookie = await sessionCookie(product.port);
	const [endpoint, read, me] = await inTurns([
		{ port: kit, request: get('/json') },
		{ port: floor, request: get('/read') },
		{ port: product.port, request: get('/trpc/me.get', { cookie, 'menshen-app': '4' }) },
	]);
	failOnErrors([endpoint, read, me]);
	note('session check (me.get)', {
		figure: me.perSecond,
		against: `SvelteKit endpoint ${round(endpoint.perSecond)}`,
		ratio: me.perSecond / endpoint.perSecond,
		goal: 0.85,
	});
	note('session check (me.get)', {
		figure: me.perSecond,
		against: `node:http + read ${round(read.perSecond)}`,
		ratio: me.perSecond / read.perSecond,
		goal: 0.5,
	});
}

function argon2Rate() {
	const script = join(root, 'tests/bench/floors/argon2.mjs');
	const command = pinned ? ['taskset', '-c', '0', process.execPath, script] : [process.execPath, script];
	const { stdout } = spawnSync(command[0], command.slice(1), {
		env: { ...process.env, SECONDS: String(seconds) },
	});
	return JSON.parse(stdout.toString());
}

async function measureSignIn(product) {
	const load = (connections) => ({
		port: product.port,
		connections,
		request: (connection, turn) => signInOf((connection + turn * connections) % people),
	});
	const floors = [];
	const at = { 1: [], 8: [], 64: [] };
	for (let turn = 0; turn < turns; turn++) {
		floors.push(argon2Rate().one);
		for (const connections of [1, 8, 64])
			at[connections].push(await drive({ seconds: seconds * 2, ...load(connections) }));
	}
	const floor = median(floors);
	for (const [connections, goal] of [
		[1, 0.93],
		[8, 0.9],
		[64, 0.9],
	]) {
		failOnErrors(at[connections]);
		const rate = median(at[connections].map((run) => run.perSecond));
		note(`password sign-in, ${connections} at once`, {
			figure: rate,
			against: `argon2id alone ${round(floor)}`,
			ratio: rate / floor,
			goal,
		});
	}
	const spread = median(at[8].map((run) => run.p99 / run.p50));
	note('  p99/p50 at 8', { figure: spread, unit: '', ratio: spread, goal: 1.3, atMost: true });
	const [busy] = await Promise.all([
		drive({
			port: product.port,
			connections: 2,
			seconds: seconds * 2,
			request: get('/apps/4/.well-known/openid-configuration'),
		}),
		drive({ seconds: seconds * 2, ...load(8) }),
	]);
	note('  p99 of other requests meanwhile', {
		figure: busy.p99,
		unit: ' ms',
		ratio: busy.p99,
		goal: 50,
		atMost: true,
	});
}

function measureEngine() {
	const script = join(root, 'tests/bench/oidc.mjs');
	for (const alg of ['RS256', 'ES256']) {
		const { stdout, stderr, status } = spawnSync(
			process.execPath,
			[script, alg, 'flow,refresh,introspection,userinfo', '1', String(turns)],
			{ env: process.env },
		);
		if (status !== 0) throw new Error(stderr.toString());
		for (const line of stdout.toString().trim().split('\n')) {
			const found = /^(\S+) (\S+)\s.*bare (\d+)\/s.*product (\d+)\/s.*ratio ([\d.]+).*goal ([\d.]+)/.exec(
				line,
			);
			if (found)
				note(`${found[2]} (${found[1]})`, {
					figure: Number(found[4]),
					against: `bare engine ${round(Number(found[3]))}`,
					ratio: Number(found[5]),
					goal: Number(found[6]),
				});
		}
	}
}

async function measureStart(product, bareStart) {
	note('cold start to first discovery', {
		figure: product.startMs,
		unit: ' ms',
		ratio: product.startMs,
		goal: 600,
		atMost: true,
	});
	if (bareStart)
		note('  beside the bare engine', {
			figure: bareStart,
			unit: ' ms',
			against: 'its own start',
			ratio: product.startMs / bareStart,
			goal: 1.5,
			atMost: true,
		});
	note('memory when idle', {
		figure: product.idle,
		unit: ' MB',
		ratio: product.idle,
		goal: 130,
		atMost: true,
	});
}

pinDriver();
if (!pinned) console.log('taskset is not there: server and driver share the cores, ratios are rough.');
const started = [];
try {
	const kitFolder = await buildKitFloor();
	const [httpPort, kitPort] = [await freePort(), await freePort()];
	const product = await startProduct(join(folder, 'data'));
	started.push(product);
	await new Promise((idle) => setTimeout(idle, 1500));
	product.idle = product.rssMb();
	await measureStart(product);
	started.push(
		await start([join(root, 'tests/bench/floors/http.mjs')], {
			env: { PORT: String(httpPort) },
			ready: /ready/,
		}),
	);
	started.push(
		await start([join(kitFolder, 'index.js')], {
			env: { PORT: String(kitPort), HOST: '127.0.0.1', NODE_PATH: join(root, 'node_modules') },
			ready: `http://127.0.0.1:${kitPort}/json`,
		}),
	);
	await measureDocuments(product, httpPort);
	await measurePages(product, kitPort);
	await measureSessions(product, { kit: kitPort, floor: httpPort });
	await measureSignIn(product);
	if (product.output().includes('"level":50'))
		throw new Error(`the product logged errors:\n${product.output().slice(-2000)}`);
	for (const child of started.splice(0)) await child.stop();
	measureEngine();
	writeFileSync(
		join(root, 'bench.json'),
		`${JSON.stringify({ at: new Date().toISOString(), pinned, rows }, null, 2)}\n`,
	);
	const missed = rows.filter((row) => row.met === 'NO');
	console.log(missed.length ? `\n${missed.length} goals missed.` : '\nEvery goal reached.');
} finally {
	for (const child of started) await child.stop();
	rmSync(folder, { recursive: true, force: true });
}
