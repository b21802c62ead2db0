/** How long the product takes to start, and what it holds when nobody asks. */
import { note } from '../report.mjs';

export async function measureStart(product) {
	await new Promise((idle) => setTimeout(idle, 1500));
	note('cold start to first discovery', {
		figure: product.startMs,
		unit: ' ms',
		ratio: product.startMs,
		goal: 600,
		atMost: true,
	});
	const idle = product.rssMb();
	note('memory when idle', { figure: idle, unit: ' MB', ratio: idle, goal: 130, atMost: true });
}
