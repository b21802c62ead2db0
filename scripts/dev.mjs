/**
 * `npm run dev`: the app with live reload, the emulators, and a demo app, in a data folder of their own.
 * The operator's password is made once and kept there.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeForTools } from './prepare/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, '.menshen', 'dev');
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
	MENSHEN_APPLY: join(root, 'scripts', 'demo.yaml'),
	EGRESS_ALLOW: '127.0.0.1,localhost',
	LOG_LEVEL: 'debug',
	...process.env,
	PATH: `${dirname(node)}:${process.env.PATH}`,
};

const start = (...args) => spawn(node, args, { cwd: root, stdio: 'inherit', env });
const running = [
	start('scripts/emulators.mjs'),
	start(join('node_modules', 'vite', 'bin', 'vite.js'), 'dev', '--port', port, '--strictPort'),
];
console.log(
	`\n  console  http://localhost:${port}/admin   ${email} / ${password}\n  demo     http://localhost:${port}/apps/1/account   alice / correct-horse-battery\n`,
);

let stopping = false;
function stop(code) {
	if (stopping) return;
	stopping = true;
	for (const child of running) child.kill('SIGTERM');
	process.exitCode = code;
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(0));
// One without the other is of no use.
for (const child of running) child.once('exit', (code) => stop(code ?? 0));
