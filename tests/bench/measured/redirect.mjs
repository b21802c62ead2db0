/** A sign-in through a redirect connector whose vendor is emulated in the driver: our own time, without the vendor's. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '../../run-typescript.mjs';
import { freePort, start } from '../machine.mjs';
import { root } from '../product.mjs';
import { median, note } from '../report.mjs';

/** @param {string} folder */
export async function measureRedirect(folder) {
	const { startEmulator } = await import('../../../plugins/google/emulator.ts');
	const { timeRedirects } = await import('../redirect-times.ts');
	const { enterRedirectUris } = await import('../../emulators/vendors.ts');
	const vendor = await startEmulator();
	const port = await freePort();
	const file = join(folder, 'redirect.yaml');
	const connectors = JSON.stringify({ google: { enabled: true, config: vendor.config } });
	writeFileSync(file, `apps:\n  - id: 4\n    name: Bench\n    connectors: ${connectors}\n`);
	const endpoints = Object.entries(vendor.endpoints).map(([name, url]) => [`google.${name}`, url]);
	const product = await start(['--max-semi-space-size=4', 'server.js'], {
		cwd: root,
		env: {
			PORT: String(port),
			HOST: '127.0.0.1',
			DATA_DIR: join(folder, 'redirect'),
			LOG_FORMAT: 'json',
			NODE_ENV: 'production',
			EGRESS_ALLOW: '127.0.0.0/8',
			ENDPOINTS: JSON.stringify(Object.fromEntries(endpoints)),
			MENSHEN_APPLY: file,
		},
		ready: `http://127.0.0.1:${port}/readyz`,
	});
	try {
		const journey = {
			at: `http://127.0.0.1:${port}`,
			origin: `http://localhost:${port}`,
			app: 4,
			connector: 'google',
		};
		enterRedirectUris({ google: vendor }, { origin: journey.origin, apps: [journey.app] });
		const own = median(await timeRedirects(journey, { rounds: 300, warmUp: 100 }));
		note('sign-in through an emulated vendor', {
			figure: own,
			unit: ' ms',
			against: 'less the vendor’s own time',
			ratio: own,
			goal: 5,
			atMost: true,
		});
	} finally {
		await product.stop();
		await vendor.close();
	}
}
