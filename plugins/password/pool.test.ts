import { describe, expect, it } from 'vitest';
import { Pool } from './pool';

function gate() {
	let open: () => void = () => undefined;
	const passed = new Promise<void>((resolve) => (open = resolve));
	return { open, passed };
}

const never = new AbortController().signal;

/** Starts `count` jobs that each wait for their gate; says which have started. */
function crowd(pool: Pool, count: number) {
	const started: number[] = [];
	const gates = Array.from({ length: count }, gate);
	const done = gates.map((each, index) =>
		pool.run(async () => {
			started.push(index);
			await each.passed;
			return index;
		}, never),
	);
	return { started, gates, done };
}

describe('the pool', () => {
	it('runs as many at once as it has places, and no more', async () => {
		const { started, gates, done } = crowd(new Pool(2), 5);
		await Promise.resolve();
		expect(started).toEqual([0, 1]);
		gates[0]?.open();
		await done[0];
		await expect.poll(() => started).toEqual([0, 1, 2]);
		for (const each of gates) each.open();
		expect(await Promise.all(done)).toEqual([0, 1, 2, 3, 4]);
	});

	it('serves jobs in the order of arrival', async () => {
		const { started, gates, done } = crowd(new Pool(1), 20);
		for (const each of gates) each.open();
		await Promise.all(done);
		expect(started).toEqual(Array.from({ length: 20 }, (_, index) => index));
	});

	it('gets its place back from a failing job', async () => {
		const pool = new Pool(1);
		await expect(pool.run(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
		expect(await pool.run(async () => 'next', never)).toBe('next');
	});

	it('drops a job that is no longer waited for', async () => {
		const pool = new Pool(1);
		const { gates, done } = crowd(pool, 1);
		const controller = new AbortController();
		let ran = false;
		const given = pool.run(async () => (ran = true), controller.signal);
		controller.abort();
		await expect(given).rejects.toMatchObject({ reason: 'unavailable' });
		gates[0]?.open();
		await Promise.all(done);
		await pool.run(async () => undefined, never);
		expect(ran).toBe(false);
	});

	it('refuses at once a job whose time is up already', async () => {
		const pool = new Pool(1);
		const { gates, done } = crowd(pool, 1);
		await expect(pool.run(async () => 1, AbortSignal.abort())).rejects.toMatchObject({
			reason: 'unavailable',
		});
		gates[0]?.open();
		await Promise.all(done);
	});

	it('refuses jobs rather than queueing without end', async () => {
		const pool = new Pool(1);
		const { gates, done } = crowd(pool, 2001);
		await expect(pool.run(async () => 1, never)).rejects.toMatchObject({ reason: 'unavailable' });
		for (const each of gates) each.open();
		await Promise.all(done);
	});
});
