/**
 * The engine as the product runs it, beside the bare engine and bare node:http: servers on one core, the driver
 * on the other, in turns. `node tests/bench/oidc.mjs [RS256|ES256] [names] [seconds] [turns]`
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { build } from 'vite';

/** Ratio to reach: of requests a second, against the bare engine, or against node:http for what is sent as it is. */
const goals = {
	discovery: { of: 'floor', ratio: 0.6 },
	jwks: { of: 'floor', ratio: 0.6 },
	introspection: { of: 'bare', ratio: 0.8 },
	userinfo: { of: 'bare', ratio: 0.8 },
	refresh: { of: 'bare', ratio: 0.7 },
	flow: { of: 'bare', ratio: 0.7 },
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = `${root}node_modules/.cache/bench-oidc`;
const [, , alg = 'RS256', names = Object.keys(goals).join(','), seconds = '1', turns = '5'] = process.argv;
const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0;

async function bundle() {
	await build({
		root,
		configFile: false,
		logLevel: 'error',
		plugins: [tailwindcss(), svelte({ configFile: false })],
		resolve: { alias: { $lib: `${root}src/lib` } },
		build: {
			ssr: true,
			outDir: out,
			emptyOutDir: true,
			rolldownOptions: {
				input: { product: `${root}tests/bench/oidc/product.ts`, driver: `${root}tests/bench/oidc/driver.ts` },
			},
		},
	});
}

async function start(label, file) {
	const folder = process.env.BENCH_PROFILE;
	const profile = folder && label === 'product' ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
	const pinned = { execPath: 'taskset', execArgv: ['-c', '0', process.execPath, ...profile] };
	const child = fork(file, [alg], canPin ? pinned : { execArgv: profile });
	const [{ issuer }] = await once(child, 'message');
	return { child, text: `${label}=${child.pid}=${issuer}` };
}

async function drive(servers) {
	const command = [
		process.execPath,
		`${out}/driver.js`,
		seconds,
		turns,
		names,
		...servers.map(({ text }) => text),
	];
	const child = canPin ? spawn('taskset', ['-c', '1', ...command]) : spawn(command[0], command.slice(1));
	child.stderr.pipe(process.stderr);
	let text = '';
	child.stdout.on('data', (chunk) => (text += chunk));
	const [code] = await once(child, 'close');
	if (code !== 0) throw new Error(`the driver ended with ${code}`);
	return text
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
}

function report({ name, figures }) {
	const { of, ratio: goal } = goals[name];
	const { product } = figures;
	const ratio = product.perSecond / figures[of].perSecond;
	const cpu = figures[of].cpu / product.cpu;
	const verdict = ratio < goal ? '  BELOW' : '';
	const beside = Object.entries(figures)
		.map(([label, { perSecond, cpu: used }]) => `${label} ${perSecond}/s (${used} us)`)
		.join('  ');
	console.log(
		`${alg} ${name.padEnd(14)} ${beside}  ratio ${ratio.toFixed(2)}  by cpu ${cpu.toFixed(2)}  goal ${goal}${verdict}`,
	);
}

await bundle();
const servers = [
	await start('floor', `${root}tests/bench/oidc/floor.mjs`),
	await start('bare', `${root}tests/bench/oidc/bare.mjs`),
	await start('product', `${out}/product.js`),
];
try {
	for (const line of await drive(servers)) report(line);
} finally {
	for (const { child } of servers) child.disconnect();
	if (!process.env.KEEP_BENCH) rmSync(out, { recursive: true, force: true });
}
