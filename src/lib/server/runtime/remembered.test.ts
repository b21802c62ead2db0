import { describe, expect, it } from 'vitest';
import { remembered } from './remembered';

function counting(version: () => number | undefined) {
	let asked = 0;
	return remembered({ settledVersion: version }, () => Promise.resolve((asked += 1)));
}

describe('a remembered value', () => {
	it('is read once as long as nothing changes, and again after a change', async () => {
		let version = 1;
		const ask = counting(() => version);
		expect([await ask(), await ask()]).toEqual([1, 1]);
		version = 2;
		expect([await ask(), await ask()]).toEqual([2, 2]);
	});

	it('is read once for callers at the same time', async () => {
		const ask = counting(() => 1);
		expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
	});

	it('is read each time where changes cannot be detected', async () => {
		const ask = counting(() => undefined);
		expect([await ask(), await ask()]).toEqual([1, 2]);
	});

	it('is never a failure', async () => {
		let failing = true;
		const ask = remembered({ settledVersion: () => 1 }, () =>
			failing ? Promise.reject(new Error('no')) : Promise.resolve('yes'),
		);
		await expect(ask()).rejects.toThrow('no');
		failing = false;
		expect(await ask()).toBe('yes');
	});

	it('that was read before a change is not used after it', async () => {
		let version = 1;
		let finish: (value: string) => void = () => undefined;
		const answers = [new Promise<string>((resolve) => (finish = resolve)), Promise.resolve('new')];
		const ask = remembered({ settledVersion: () => version }, () => answers.shift() ?? Promise.resolve(''));
		const early = ask();
		version = 2;
		expect(await ask()).toBe('new');
		finish('old');
		expect(await early).toBe('old');
		expect(await ask()).toBe('new');
	});
});
