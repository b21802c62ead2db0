/** Password sign-in through the API, beside the password hash with nothing around it, and beside one by hand. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { drive, get, post } from '../driver.mjs';
import { freePort, pinned, start } from '../machine.mjs';
import { json, password, people, root } from '../product.mjs';
import { failOnErrors, median, note, round, seconds, turns } from '../report.mjs';

const signInOf = (person) =>
	post('/trpc/auth.signIn', JSON.stringify({ identifier: `person${person}`, password }), json);

/** @returns what the hash alone does on the servers' core */
function floorRates() {
	const script = join(root, 'tests/bench/floors/argon2.mjs');
	const command = pinned ? ['taskset', '-c', '0', process.execPath, script] : [process.execPath, script];
	const { stdout } = spawnSync(command[0], command.slice(1), {
		env: { ...process.env, SECONDS: String(seconds) },
	});
	return JSON.parse(stdout.toString());
}

const loadOf = ({ port }, connections) => ({
	port,
	connections,
	seconds: seconds * 2,
	request: (connection, turn) => signInOf((connection + turn * connections) % people),
});

async function measureOthersMeanwhile(product) {
	const [others] = await Promise.all([
		drive({
			port: product.port,
			connections: 2,
			seconds: seconds * 2,
			request: get('/apps/4/.well-known/openid-configuration'),
		}),
		drive(loadOf(product, 8)),
	]);
	note('  p99 of other requests meanwhile', {
		figure: others.p99,
		unit: ' ms',
		ratio: others.p99,
		goal: 50,
		atMost: true,
	});
}

async function startByHand() {
	const port = await freePort();
	const script = join(root, 'tests/bench/floors/sign-in.mjs');
	return { port, ...(await start([script], { env: { PORT: String(port) }, ready: /ready/ })) };
}

/** What one core and one disk leave of the hash's rate when everything else is done by hand. */
function noteByHand(byHand, floor) {
	failOnErrors([...byHand[1], ...byHand[8]]);
	for (const connections of [1, 8]) {
		const rate = median(byHand[connections].map((run) => run.perSecond));
		note(`  by hand, ${connections} at once`, {
			figure: rate,
			against: `argon2id alone ${round(floor)}`,
			ratio: rate / floor,
		});
	}
}

export async function measureSignIn(product) {
	const floors = [];
	const at = { 1: [], 8: [], 64: [] };
	const byHand = { 1: [], 8: [] };
	const hand = await startByHand();
	try {
		for (let turn = 0; turn < turns; turn++) {
			floors.push(floorRates());
			for (const connections of [1, 8]) byHand[connections].push(await drive(loadOf(hand, connections)));
			for (const connections of [1, 8, 64]) at[connections].push(await drive(loadOf(product, connections)));
		}
	} finally {
		await hand.stop();
	}
	const floor = median(floors.map(({ one }) => one));
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
	noteByHand(byHand, floor);
	const spread = median(at[8].map((run) => run.p99 / run.p50));
	note('  p99/p50 at 8', { figure: spread, unit: '', ratio: spread, goal: 1.3, atMost: true });
	await measureOthersMeanwhile(product);
}
