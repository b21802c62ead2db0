/** How long the product takes to start, beside the engine alone, and the memory that it uses when idle. */
import { join } from 'node:path';
import { freePort, start } from '../machine.mjs';
import { root, seedProduct } from '../product.mjs';
import { median, note, turns } from '../report.mjs';

/** More starts than turns of load: each is short, and one alone says little. */
const starts = turns * 3;

async function engineStart() {
	const port = await freePort();
	const engine = await start([join(root, 'tests/bench/floors/engine.mjs')], {
		env: { PORT: String(port), NODE_ENV: 'production' },
		ready: `http://127.0.0.1:${port}/.well-known/openid-configuration`,
	});
	await engine.stop();
	return engine.startMs;
}

/** @param {string} folder */
export async function measureStart(folder) {
	const { startAgain } = await seedProduct(join(folder, 'start'));
	const [ours, alone, idle] = [[], [], []];
	for (let count = 0; count < starts; count++) {
		alone.push(await engineStart());
		const product = await startAgain();
		ours.push(product.startMs);
		await new Promise((settled) => setTimeout(settled, 1500));
		idle.push(product.rssMb());
		await product.stop();
	}
	const [started, beside, held] = [median(ours), median(alone), median(idle)];
	note('cold start to first discovery', {
		figure: started,
		unit: ' ms',
		ratio: started,
		goal: 600,
		atMost: true,
	});
	note('the same', {
		figure: started,
		unit: ' ms',
		against: `bare engine ${Math.round(beside)} ms`,
		ratio: started / beside,
		goal: 1.5,
		atMost: true,
	});
	note('memory when idle', { figure: held, unit: ' MB', ratio: held, goal: 130, atMost: true });
}
