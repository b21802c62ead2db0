/**
 * `npm run emulators`: stand-ins for the outside world on this machine, each on a printed address.
 * The mail server is always there; a plugin adds its vendor by a file `plugins/<id>/emulator.ts` that
 * exports `startEmulator()`, which gives `{ url, endpoints, config, close }` (docs/plugins.md, "Emulators").
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import '../tests/run-typescript.mjs';

const { startSmtpSink } = await import('../tests/emulators/smtp-sink.ts');
const { enterRedirectUris } = await import('../tests/emulators/vendors.ts');
const { startPhone } = await import('../tests/emulators/phone.ts');

const plugins = new URL('../plugins/', import.meta.url);
const port = Number(process.env.SMTP_PORT ?? 2525);
/** The appliance and the apps whose redirect addresses the vendors know, enough for apps made by hand. */
const origin = process.env.ORIGIN ?? 'http://localhost:3000';
const apps = Array.from({ length: 100 }, (_, index) => index + 1);

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
	const started = {};
	for (const id of readdirSync(plugins)) {
		const file = new URL(`${id}/emulator.ts`, plugins);
		if (!existsSync(file)) continue;
		const { startEmulator } = await import(file.href);
		const emulator = await startEmulator();
		console.log(`${id.padEnd(18)} ${emulator.url}`);
		started[id] = emulator;
	}
	return started;
}

/** What `npm run dev` needs to use them: which are ways in, their addresses, and settings that work there. */
function describe(id, { url, endpoints, config }) {
	const manifest = JSON.parse(readFileSync(new URL(`${id}/manifest.json`, plugins), 'utf8'));
	// An endpoint for any public address cannot be redirected.
	const repointed = Object.entries(endpoints).filter(([name]) => !manifest.endpoints[name]?.anyPublic);
	return { id, url, config, endpoints: repointed, connector: !manifest.kinds.includes('sender') };
}

const mail = await startMail();
const vendors = await startVendors();
enterRedirectUris(vendors, { origin, apps });
const running = [mail, ...Object.values(vendors)];
if (process.env.ORIGIN) {
	const phone = await startPhone({ origin: process.env.ORIGIN, app: 1, vendors });
	console.log(
		`phone              ${phone.url}   (confirms what is scanned, and is every app that brings a ticket)`,
	);
	running.push(phone);
}
console.log(
	`The vendors lead back to ${origin} (ORIGIN); another address is entered at /__emulator of each.`,
);
console.log('Allow them with EGRESS_ALLOW=127.0.0.1. Stop with Ctrl+C.');
process.send?.({
	mail: { host: mail.host, port: mail.port },
	vendors: Object.entries(vendors).map(([id, vendor]) => describe(id, vendor)),
});

for (const signal of ['SIGINT', 'SIGTERM'])
	process.once(signal, () => {
		void Promise.all(running.map((each) => each.close())).then(() => process.exit(0));
	});
