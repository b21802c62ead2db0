import { describe, expect, it } from 'vitest';
import { manifestSchema } from '../../plugin-kit';
import { manifestOf } from './host-under-test';
import { createScrubber } from './scrub';

const label = { en: 'x', 'zh-CN': 'x' };
const manifest = manifestSchema.parse(
	manifestOf({
		config: [
			{ key: 'appId', type: 'text', label },
			{ key: 'secret', type: 'text', secret: true, label },
			{ key: 'longer', type: 'text', secret: true, label },
			{ key: 'tiny', type: 'text', secret: true, label },
		],
	}),
);
const { text, fields } = createScrubber(manifest, {
	appId: 'wx1',
	secret: 's3cr&t',
	longer: 's3cr&t-longer',
	tiny: 'a',
});

describe('the scrubber', () => {
	it.each([
		['s3cr&t', '[secret]'],
		['appid=wx1&secret=s3cr%26t', 'appid=wx1&secret=[secret]'],
		['x s3cr&t-longer y', 'x [secret] y'],
		[`Basic ${Buffer.from('s3cr&t').toString('base64')}`, 'Basic [secret]'],
		['nothing to hide', 'nothing to hide'],
		['a tiny one would blot out everything', 'a tiny one would blot out everything'],
	])('%s', (said, left) => {
		expect(text(said)).toBe(left);
	});

	it('covers fields, their names and errors, to a limited depth', () => {
		const deep: Record<string, unknown> = {
			a: 1,
			none: null,
			list: ['s3cr&t', { 's3cr&t': true }],
			error: new Error('bad s3cr&t'),
		};
		deep['self'] = deep;
		const left = fields(deep);
		expect(JSON.stringify(left)).not.toContain('s3cr&t');
		expect(left).toMatchObject({
			a: 1,
			none: null,
			list: ['[secret]', { '[secret]': true }],
			error: 'bad [secret]',
		});
	});
});
