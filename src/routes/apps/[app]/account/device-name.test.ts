import { describe, expect, it } from 'vitest';
import { deviceOf } from './device-name';

describe('the name of a browser', () => {
	it.each([
		[
			'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
			'Chrome',
			'Windows',
			'computer',
		],
		[
			'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
			'Safari',
			'iOS',
			'phone',
		],
		[
			'Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1',
			'Safari',
			'iOS',
			'tablet',
		],
		[
			'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.47',
			'WeChat',
			'Android',
			'phone',
		],
		[
			'Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0',
			'Firefox',
			'Linux',
			'computer',
		],
	])('%s', (userAgent, browser, system, kind) =>
		expect(deviceOf(userAgent)).toEqual({ browser, system, kind }),
	);

	it('stays empty where nothing is said', () => expect(deviceOf('')).toEqual({ kind: 'computer' }));
	it('survives nonsense', () => expect(deviceOf('\u0000<script>'.repeat(20)).kind).toBe('computer'));
});
