import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { createDelivery } from './delivery';

const log = pino({ level: 'silent' });

function setUp(results: Record<number, boolean[]>) {
	const calls: number[] = [];
	const deliver = async (app: number) => {
		calls.push(app);
		await Promise.resolve();
		return results[app]?.shift() ?? false;
	};
	return { calls, delivery: createDelivery({ deliver, log }) };
}

describe('delivery beside the requests', () => {
	it('starts at once and drops an app that has nothing queued any more', async () => {
		const { calls, delivery } = setUp({});
		delivery.wake(4);
		await delivery.idle();
		await delivery.tick();
		expect(calls).toEqual([4]);
	});

	it('comes back for what waits for a retry', async () => {
		const { calls, delivery } = setUp({ 4: [true, true, false] });
		delivery.wake(4);
		await delivery.idle();
		await delivery.tick();
		await delivery.tick();
		await delivery.tick();
		expect(calls).toEqual([4, 4, 4]);
	});

	it('runs once more when woken during a run, however often', async () => {
		const { calls, delivery } = setUp({});
		delivery.wake(4);
		delivery.wake(4);
		delivery.wake(4);
		await delivery.idle();
		expect(calls).toEqual([4, 4]);
	});

	it('does not let a server without an answer delay what is queued after it', async () => {
		vi.useFakeTimers();
		try {
			const answers: (() => void)[] = [];
			const deliver = vi.fn(() => new Promise<boolean>((answered) => answers.push(() => answered(false))));
			const delivery = createDelivery({ deliver, log });
			delivery.wake(4);
			delivery.wake(4);
			expect(deliver).toHaveBeenCalledTimes(1);
			await vi.advanceTimersByTimeAsync(1000);
			expect(deliver).toHaveBeenCalledTimes(2);
			const idle = vi.fn();
			void delivery.idle().then(idle);
			answers[1]?.();
			await vi.advanceTimersByTimeAsync(2000);
			expect(idle, 'the first is still under way').not.toHaveBeenCalled();
			answers[0]?.();
			await vi.advanceTimersByTimeAsync(0);
			expect(idle).toHaveBeenCalled();
		} finally {
			vi.useRealTimers();
		}
	});

	it('goes on with the others when one app fails, and retries that app', async () => {
		const deliver = vi.fn(async (app: number) => {
			if (app === 1) throw new Error('broken');
			return false;
		});
		const delivery = createDelivery({ deliver, log });
		delivery.wake(1);
		delivery.wake(2);
		await delivery.idle();
		await delivery.tick();
		expect(deliver.mock.calls.map(([app]) => app)).toEqual([1, 2, 1]);
	});
});
