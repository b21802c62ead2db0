/** A04: how long the check of a password takes tells nothing, and keeps nobody waiting. Nothing else runs beside it. */
import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { contextFor } from '@menshen/plugin-kit/context-under-test';
import plugin from '../../plugins/password/index.server';

const secret = 'correct-horse-battery';
const context = contextFor(plugin);

const { secret: kind } = plugin;
if (!kind) throw new Error('the password plugin is of kind secret');
const enrol = async (typed: string) => kind.enrol({ secret: typed }, context);
const check = async (typed: string, stored: string | undefined) =>
	kind.check({ secret: typed, stored }, context);

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
async function timeOf(work: () => Promise<unknown>): Promise<number> {
	const from = performance.now();
	await work();
	return performance.now() - from;
}

describe('time', () => {
	it('is the same for an unknown user, a wrong password, a broken hash and an endless password (A04)', async () => {
		const stored = await enrol(secret);
		const cases = [
			() => check('wrong', stored),
			() => check('wrong', undefined),
			() => check('wrong', 'broken'),
			() => check('w'.repeat(5_000), stored),
		];
		const times = cases.map((): number[] => []);
		// Measured in turns, so that a busy machine slows all of them alike.
		for (let round = 0; round < 15; round += 1)
			for (const [index, work] of cases.entries()) times[index]?.push(await timeOf(work));
		// The fastest of each: the time that other work on the machine adds does not count.
		const fastest = times.map((each) => Math.min(...each));
		expect(Math.max(...fastest) / Math.min(...fastest)).toBeLessThan(1.5);
	});

	it('of others does not suffer: 64 at once leave the event loop free', async () => {
		const stored = await enrol(secret);
		const checks = Promise.all(
			Array.from({ length: 16 * availableParallelism() }, () => check(secret, stored)),
		);
		const waits: number[] = [];
		let over = false;
		void checks.finally(() => (over = true));
		while (!over) waits.push(await timeOf(() => new Promise((turn) => setImmediate(turn))));
		expect((await checks).every(({ ok }) => ok)).toBe(true);
		expect(median(waits)).toBeLessThan(5);
	});
});
