import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createReserve } from './reserve';

const MB = 1024 * 1024;
let folder: string;
let total: number;
let free: number;

beforeEach(() => {
	vi.useFakeTimers({ toFake: ['performance'] });
	folder = mkdtempSync(join(tmpdir(), 'menshen-reserve-'));
	total = 5000 * MB;
	free = 1000 * MB;
});
afterEach(() => {
	vi.useRealTimers();
	rmSync(folder, { recursive: true, force: true });
});

const createHere = () => createReserve(folder, () => ({ total, free }));
const later = () => vi.advanceTimersByTime(600);
const made = () => existsSync(join(folder, 'reserve'));

describe('the reserve', () => {
	it('is set aside while there is room, for the owner only', () => {
		createHere().admitGrowth();
		const { size, mode } = statSync(join(folder, 'reserve'));
		expect(size).toBe(8 * MB);
		expect(mode & 0o077).toBe(0);
	});

	it('takes no more than its share of a small disk', () => {
		total = 16 * MB;
		free = 12 * MB;
		createHere().admitGrowth();
		expect(statSync(join(folder, 'reserve')).size).toBe(2 * MB);
	});

	it('refuses growth when the disk is full, and admits it when there is room again', () => {
		const reserve = createHere();
		reserve.admitGrowth();
		free = 0;
		later();
		expect(() => reserve.admitGrowth()).toThrow('storage/full');
		free = 100 * MB;
		expect(() => reserve.admitGrowth()).toThrow('storage/full');
		later();
		expect(() => reserve.admitGrowth()).not.toThrow();
	});

	it('is no room for growth once it is given back', () => {
		const reserve = createHere();
		reserve.admitGrowth();
		free = 0;
		reserve.giveBack();
		free = 8 * MB;
		later();
		expect(() => reserve.admitGrowth()).toThrow('storage/full');
		expect(made()).toBe(false);
		free = 9 * MB;
		later();
		reserve.admitGrowth();
		expect(statSync(join(folder, 'reserve')).size).toBe(8 * MB);
	});

	it('is completed where setting it aside was cut short', () => {
		writeFileSync(join(folder, 'reserve'), Buffer.alloc(MB));
		free = 7 * MB;
		expect(() => createHere().admitGrowth()).toThrow('storage/full');
		free = 8 * MB;
		createHere().admitGrowth();
		expect(statSync(join(folder, 'reserve')).size).toBe(8 * MB);
	});

	it('is released once, refuses growth from then on, and is made again when there is room', () => {
		const reserve = createHere();
		reserve.admitGrowth();
		free = 0;
		expect(reserve.giveBack()).toBe(true);
		expect(made()).toBe(false);
		expect(() => reserve.admitGrowth()).toThrow('storage/full');
		vi.advanceTimersByTime(10_000);
		expect(reserve.giveBack()).toBe(false);
		free = 100 * MB;
		later();
		reserve.admitGrowth();
		expect(made()).toBe(true);
	});
});
