/**
 * `npm run dev`: the app with live reload, the emulators, and a demo app with every way in switched on, in a data
 * folder of their own. The operator's password is made once and kept there.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { nodeForTools } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.env.DEV_FOLDER ?? join(root, '.menshen', 'dev');
const port = process.env.PORT ?? '5173';
const email = 'operator@example.com';

function operatorPassword() {
	const file = join(folder, 'operator-password');
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	if (!existsSync(file)) writeFileSync(file, randomBytes(15).toString('base64url'), { mode: 0o600 });
	return readFileSync(file, 'utf8').trim();
}

const password = operatorPassword();
const node = nodeForTools(root);
const env = {
	PORT: port,
	ORIGIN: `http://localhost:${port}`,
	DATA_DIR: join(folder, 'data'),
	OPERATOR_EMAIL: email,
	OPERATOR_PASSWORD: password,
	EGRESS_ALLOW: '127.0.0.1,localhost',
	LOG_LEVEL: 'debug',
	...process.env,
	PATH: `${dirname(node)}:${process.env.PATH}`,
};

/** The demo app, with every vendor at its emulator. JSON is YAML. @returns where it was written */
function writeDemo({ mail, vendors }) {
	const [demo, ...others] = parse(readFileSync(join(root, 'scripts', 'demo.yaml'), 'utf8')).apps;
	const atEmulators = vendors
		.filter(({ connector }) => connector)
		.map(({ id, config }) => [id, { enabled: true, config }]);
	demo.connectors = { ...demo.connectors, ...Object.fromEntries(atEmulators) };
	Object.assign(demo.senders.email.config, mail);
	const file = join(folder, 'demo.json');
	writeFileSync(file, JSON.stringify({ apps: [demo, ...others] }), { mode: 0o600 });
	return file;
}

const endpointsOf = ({ vendors }) =>
	Object.fromEntries(
		vendors.flatMap(({ id, endpoints }) => endpoints.map(([name, url]) => [`${id}.${name}`, url])),
	);

const start = (args, more = {}, stdio = 'inherit') =>
	spawn(node, args, { cwd: root, stdio, env: { ...env, ...more } });
const emulators = start(['scripts/emulators.mjs'], {}, ['inherit', 'inherit', 'inherit', 'ipc']);
const running = [];

function startApp(world) {
	const vite = [join('node_modules', 'vite', 'bin', 'vite.js'), 'dev', '--port', port, '--strictPort'];
	watch(start(vite, { MENSHEN_APPLY: writeDemo(world), ENDPOINTS: JSON.stringify(endpointsOf(world)) }));
	const webid = world.vendors.find(({ id }) => id === 'webid')?.url;
	console.log(
		`\n  console  http://localhost:${port}/admin   ${email} / ${password}\n  demo     http://localhost:${port}/apps/1/account   alice / correct-horse-battery\n  codes    of mails are printed here, of text messages stand in the console under Messages\n  WebID    ${webid}\n`,
	);
}

let stopping = false;
function stop(code) {
	if (stopping) return;
	stopping = true;
	for (const child of running) child.kill('SIGTERM');
	process.exitCode = code;
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));
/** When one of the two ends, the other ends too. */
function watch(child) {
	running.push(child);
	child.once('exit', (code) => stop(code ?? 0));
}
watch(emulators);
emulators.once('message', startApp);
