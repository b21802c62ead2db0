/** The password hash with nothing around it: verifies per second, one at a time and bounded to the cores. */
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';

const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const stored = await hash('correct-horse-battery', options);
const seconds = Number(process.env.SECONDS ?? 3);

async function rate(workers) {
	const until = performance.now() + seconds * 1000;
	let done = 0;
	const begin = performance.now();
	await Promise.all(
		Array.from({ length: workers }, async () => {
			while (performance.now() < until) {
				await verify(stored, 'correct-horse-battery', options);
				done++;
			}
		}),
	);
	return (done * 1000) / (performance.now() - begin);
}

await rate(1);
process.stdout.write(
	`${JSON.stringify({ one: await rate(1), bounded: await rate(availableParallelism()) })}\n`,
);
