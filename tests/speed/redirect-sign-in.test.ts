/**
 * A sign-in through a vendor adds at most 5 ms of our own at the median, on the machine that the figures of
 * docs/performance.md are for: it checks 206 passwords a second. On a slower one the limit is as much higher.
 * Both are measured in turns, and nothing else runs beside it.
 */
import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmulator } from '../../plugins/google/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { startAppliance, type RunningAppliance } from '../appliance';
import { timeRedirects } from '../bench/redirect-times';
import { enterRedirectUris } from '../emulators/vendors';

const app = 4;
const connector = 'google';
/** Milliseconds. */
const most = 5;
/** What a hash takes on that machine. */
const usualHash = 1000 / 206;

let vendor: Emulator;
let appliance: RunningAppliance;

beforeAll(async () => {
	vendor = await startEmulator();
	const endpoints = Object.entries(vendor.endpoints).map(([name, url]) => [`${connector}.${name}`, url]);
	appliance = await startAppliance({
		apply: `apps:
  - { id: ${app}, name: Demo, connectors: ${JSON.stringify({ [connector]: { enabled: true, config: vendor.config } })} }
`,
		env: {
			NODE_ENV: 'production',
			EGRESS_ALLOW: '127.0.0.0/8',
			ENDPOINTS: JSON.stringify(Object.fromEntries(endpoints)),
		},
	});
	enterRedirectUris({ [connector]: vendor }, { origin: appliance.origin, apps: [app] });
});
afterAll(async () => {
	await appliance.stop();
	await vendor.close();
});

const median = (times: readonly number[]): number =>
	times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;

/** As the product hashes: OWASP's parameters of argon2id. */
async function timeHashes(many: number): Promise<number[]> {
	const times: number[] = [];
	for (let index = 0; index < many; index++) {
		const from = performance.now();
		await hash(`password ${index}`, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
		times.push(performance.now() - from);
	}
	return times;
}

/** Median of each, in turns, so that what slows the machine for a while slows both. */
async function measure() {
	const journey = { at: appliance.origin, origin: appliance.origin, app, connector };
	const [own, hashes]: [number[], number[]] = [[], []];
	for (let turn = 0; turn < 6; turn++) {
		own.push(...(await timeRedirects(journey, { rounds: 14, warmUp: 0 })));
		hashes.push(...(await timeHashes(10)));
	}
	return { own: median(own), hash: median(hashes) };
}

/** Above 1: too slow. */
const share = ({ own, hash: one }: Awaited<ReturnType<typeof measure>>): number =>
	own / (most * Math.max(1, one / usualHash));

it('a sign-in through a vendor adds 5 ms of our own', async () => {
	await timeRedirects(
		{ at: appliance.origin, origin: appliance.origin, app, connector },
		{ rounds: 1, warmUp: 100 },
	);
	// What else a machine does makes a measurement worse, never better.
	const tries = [];
	do tries.push(await measure());
	while (tries.length < 5 && !tries.some((each) => share(each) <= 1));
	const told = tries.map((each) => `own ${each.own.toFixed(2)} ms, a hash ${each.hash.toFixed(2)} ms`);
	console.log(told.join('; '));
	expect(Math.min(...tries.map(share))).toBeLessThanOrEqual(1);
}, 120_000);
