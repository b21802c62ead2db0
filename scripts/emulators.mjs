/**
 * `npm run emulators`: stand-ins for the outside world on this machine, each on a printed address.
 * The mail server is always there; a plugin adds its vendor by a file `plugins/<id>/emulator.ts` that
 * exports `startEmulator(): Promise<{ url: string, close(): Promise<void> }>`.
 */
import { existsSync, readdirSync } from 'node:fs';
import '../tests/run-typescript.mjs';

const { startSmtpSink } = await import('../tests/emulators/smtp-sink.ts');

const plugins = new URL('../plugins/', import.meta.url);
const port = Number(process.env.SMTP_PORT ?? 2525);

async function startMail() {
	const sink = await startSmtpSink({ port }).catch(() => startSmtpSink());
	console.log(
		`smtp      smtp://${sink.host}:${sink.port}   (settings: host ${sink.host}, port ${sink.port}, any sender address)`,
	);
	void announce(sink);
	return sink;
}

/** Prints each mail as it comes, so that links and codes can be copied from the terminal. */
async function announce(sink) {
	const seen = new Set();
	for (;;) {
		const mail = await sink.waitFor((each) => !seen.has(each), 2 ** 31 - 1);
		seen.add(mail);
		console.log(`\nto ${mail.to.join(', ')}: ${mail.subject}\n${mail.text}\n`);
	}
}

async function startVendors() {
	const started = [];
	for (const id of readdirSync(plugins)) {
		const file = new URL(`${id}/emulator.ts`, plugins);
		if (!existsSync(file)) continue;
		const { startEmulator } = await import(file.href);
		const emulator = await startEmulator();
		console.log(`${id.padEnd(9)} ${emulator.url}`);
		started.push(emulator);
	}
	return started;
}

const running = [await startMail(), ...(await startVendors())];
console.log('Allow them with EGRESS_ALLOW=127.0.0.1. Stop with Ctrl+C.');
for (const signal of ['SIGINT', 'SIGTERM'])
	process.once(signal, () => {
		void Promise.all(running.map((each) => each.close())).then(() => process.exit(0));
	});
