import { describe, expect, it } from 'vitest';
import { formatDate, formatDateTime, formatExact, formatNumber, formatRelative } from './dates';

const at = Date.UTC(2026, 10, 20, 1, 5, 7);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('dates', () => {
	it('are written as each language does, in the zone asked for', () => {
		expect(formatDate(at, 'en', 'Asia/Shanghai')).toBe('Nov 20, 2026');
		expect(formatDate(at, 'zh-CN', 'Asia/Shanghai')).toBe('2026年11月20日');
		expect(formatDate(at, 'en', 'America/New_York')).toBe('Nov 19, 2026');
	});

	it('carry the time in the zone, not in the machine’s', () => {
		expect(formatDateTime(at, 'zh-CN', 'Asia/Shanghai')).toContain('09:05');
		expect(formatDateTime(at, 'en', 'UTC')).toMatch(/1:05/);
	});

	it('say the zone and the seconds where it matters', () => {
		expect(formatExact(at, 'en', 'Asia/Shanghai')).toMatch(/9:05:07.*GMT\+8/);
	});
});

describe('formatRelative', () => {
	it.each([
		[0, 'now', '现在'],
		[-3 * minute, '3 minutes ago', '3分钟前'],
		[-90 * minute, '1 hour ago', '1小时前'],
		[-day, 'yesterday', '昨天'],
		[2 * day, 'in 2 days', '后天'],
		[-8 * day, 'last week', '上周'],
		[-400 * day, 'last year', '去年'],
	])('%d ms is %s, %s', (distance, english, chinese) => {
		expect(formatRelative(at + distance, at, 'en')).toBe(english);
		expect(formatRelative(at + distance, at, 'zh-CN')).toBe(chinese);
	});
});

describe('formatNumber', () => {
	it('groups the digits', () => {
		expect(formatNumber(1_204_000, 'en')).toBe('1,204,000');
	});
});
