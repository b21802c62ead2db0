import { describe, expect, it } from 'vitest';
import { definePlugin } from './define-plugin';
import { manifestSchema } from './manifest';

const text = { en: 'Text', 'zh-CN': '文字' };
const field = (key: string, more: Record<string, unknown> = {}) => ({
	key,
	type: 'text',
	label: text,
	...more,
});
const base = { id: 'sample', version: '1.0.0', kit: 1, kinds: ['secret'], name: text, description: text };
const read = (change: Record<string, unknown>) => manifestSchema.safeParse({ ...base, ...change });
const problemsOf = (change: Record<string, unknown>) =>
	read(change).error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`) ?? [];

describe('a manifest', () => {
	it('needs few fields, and gets sensible limits', () => {
		expect(read({}).data).toMatchObject({
			fits: [],
			amr: [],
			endpoints: {},
			config: [],
			trial: false,
			limits: { timeoutMs: 4500, maxReplyBytes: 1_000_000, concurrency: 32 },
		});
	});

	it('may have every documented field', () => {
		const whole = {
			kinds: ['redirect', 'ticket'],
			identifier: 'external',
			display: 'redirect',
			fits: ['dingtalk', 'desktop'],
			amr: ['fed'],
			endpoints: {
				api: 'https://api.vendor.example',
				own: { fromConfig: 'server' },
				any: { anyPublic: true },
			},
			config: [
				field('server', { type: 'url', code: 'DingTalkServer', public: true }),
				field('secret', { secret: true, required: true, showWhen: { key: 'server', equals: 'https://x' } }),
			],
			needs: ['sender:sms'],
			limits: { timeoutMs: 3000 },
		};
		expect(problemsOf(whole)).toEqual([]);
	});

	it.each<[string, Record<string, unknown>, string]>([
		['an unknown name', { magic: true }, 'magic'],
		['one language', { name: { en: 'x' } }, 'name.zh-CN'],
		['an empty text', { description: { en: '', 'zh-CN': 'x' } }, 'description.en'],
		['an id with capitals', { id: 'Sample' }, 'id'],
		['an id that is a path', { id: '../x' }, 'id'],
		['no kind', { kinds: [] }, 'kinds'],
		['a name from no field', { nameFrom: 'nowhere' }, 'nameFrom'],
		['a name from a secret', { nameFrom: 'a', config: [field('a', { secret: true })] }, 'nameFrom'],
		['a name from a number', { nameFrom: 'a', config: [field('a', { type: 'integer' })] }, 'nameFrom'],
		['http', { endpoints: { api: 'http://api.vendor.example' } }, 'endpoints'],
		['an endpoint from no field', { endpoints: { api: { fromConfig: 'nowhere' } } }, 'endpoints.api'],
		[
			'connect for no sender',
			{
				config: [field('host'), field('port')],
				endpoints: { m: { connect: { host: 'host', port: 'port' } } },
			},
			'connect is for senders',
		],
		['a key twice', { config: [field('a'), field('a')] }, 'twice'],
		['showWhen of no field', { config: [field('a', { showWhen: { key: 'b', equals: 1 } })] }, 'showWhen'],
		['a select without options', { config: [field('a', { type: 'select' })] }, 'options'],
		[
			'options without a select',
			{ config: [field('a', { options: [{ value: 'x', label: text }] })] },
			'options',
		],
		['a public secret', { config: [field('a', { secret: true, public: true })] }, 'secret'],
		['a preset secret', { config: [field('a', { secret: true, default: 'x' })] }, 'secret'],
		['a sender of nothing', { kinds: ['sender'] }, 'channels'],
		['channels without a sender', { channels: ['sms'] }, 'channels'],
		['a scan without a ticket', { kinds: ['scan'] }, 'ticket'],
		['patience without end', { limits: { timeoutMs: 60_000 } }, 'limits.timeoutMs'],
		['replies without end', { limits: { maxReplyBytes: 1e9 } }, 'limits.maxReplyBytes'],
	])('%s is refused', (_, change, named) => {
		expect(problemsOf(change).join('; ')).toContain(named);
	});
});

describe('definePlugin', () => {
	const secret = { enrol: () => 's', check: () => ({ ok: true }) };

	it('returns its argument, with the manifest parsed', () => {
		const plugin = definePlugin({ manifest: base, secret });
		expect(plugin.manifest.limits.timeoutMs).toBe(4500);
		expect(plugin.secret).toBe(secret);
	});

	it('refuses kinds and functions that do not match', () => {
		expect(() => definePlugin({ manifest: base })).toThrow('secret is named but not built');
		expect(() =>
			definePlugin({ manifest: base, secret, ticket: { redeem: () => ({ subject: 's', scope: 'x' }) } }),
		).toThrow('ticket is built but not named');
	});

	it('refuses a bad manifest', () => {
		expect(() => definePlugin({ manifest: { ...base, kit: 0 }, secret })).toThrow('kit');
	});
});
