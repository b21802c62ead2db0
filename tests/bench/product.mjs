/** The built product with one app, and the SvelteKit floor, started for measuring. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, start } from './machine.mjs';

export const root = resolve(import.meta.dirname, '../..');
export const people = 64;
export const password = 'correct-horse-battery';
/** Headers of a call to the API of the measured app. */
export const json = { 'content-type': 'application/json', 'menshen-app': '4' };

/** @param {string} folder @returns where it was built to */
export function buildKitFloor(folder) {
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

function appliedFile(folder) {
	mkdirSync(folder, { recursive: true });
	const file = join(folder, 'apply.yaml');
	const users = Array.from(
		{ length: people },
		(_, i) => `      - { username: person${i}, password: ${password} }`,
	).join('\n');
	writeFileSync(
		file,
		`apps:\n  - id: 4\n    name: Bench\n    users:\n${users}\n    clients:\n      - { id: web, name: Web, redirectUris: ["https://rp.example/cb"] }\n`,
	);
	return file;
}

/** Makes one app with people in it. @param {string} folder @returns what starts the product on it, any number of times */
export async function seedProduct(folder) {
	const port = await freePort();
	const env = {
		PORT: String(port),
		HOST: '127.0.0.1',
		DATA_DIR: join(folder, 'data'),
		LOG_FORMAT: 'json',
		LOG_LEVEL: 'info',
		NODE_ENV: 'production',
	};
	const flags = ['--max-semi-space-size=4', 'server.js'];
	const first = await start(flags, {
		cwd: root,
		env: { ...env, MENSHEN_APPLY: appliedFile(folder) },
		ready: `http://127.0.0.1:${port}/readyz`,
	});
	await first.stop();
	const ready = `http://127.0.0.1:${port}/apps/4/.well-known/openid-configuration`;
	return {
		port,
		startAgain: (options = []) => start([...options, ...flags], { cwd: root, env, ready }),
	};
}

/** @param {string} folder */
export async function startProduct(folder) {
	const { port, startAgain } = await seedProduct(folder);
	// For `node --cpu-prof`: where the time went, beside how much it was.
	const profile = process.env.BENCH_PROFILE
		? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROFILE}`]
		: [];
	return { port, ...(await startAgain(profile)) };
}

/** Cookies that an answer sets, as the next request sends them. @param {Response} answer */
export const cookiesOf = (answer) =>
	answer.headers
		.getSetCookie()
		.map((line) => line.split(';')[0])
		.join('; ');
