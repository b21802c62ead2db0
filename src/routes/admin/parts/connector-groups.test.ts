import { describe, expect, it } from 'vitest';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestSchema } from '$lib/plugin-kit';
import { groupOf, matches } from './connector-groups';

const folder = join(import.meta.dirname, '../../../../plugins');
const plugins = readdirSync(folder, { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) =>
		manifestSchema.parse(JSON.parse(readFileSync(join(folder, name, 'manifest.json'), 'utf8'))),
	);

describe('plugins of the build', () => {
	it('are in the group where an operator looks for them', () => {
		const found = Object.groupBy(plugins, (manifest) =>
			groupOf({ id: manifest.id, manifest, external: false }),
		);
		const ids = (group: keyof typeof found) => found[group]?.map(({ id }) => id).sort();
		expect(ids('own')).toEqual(['email', 'guest', 'passkey', 'password', 'sms']);
		expect(ids('china')).toEqual([
			'alipay',
			'dingtalk',
			'qq',
			'wechat-app',
			'wechat-miniprogram',
			'wechat-web',
			'weibo',
		]);
		expect(ids('world')).toEqual(expect.arrayContaining(['apple', 'github', 'google', 'oidc', 'webid']));
		expect(ids('senders')).toEqual([
			'aliyun-directmail',
			'aliyun-sms',
			'outbox',
			'smtp',
			'tencent-sms',
			'twilio',
			'webhook',
		]);
		expect(found.added).toBeUndefined();
	});

	it('of an operator have their own group, whatever they are', () => {
		const manifest = { identifier: 'external', kinds: ['redirect'] } as const;
		expect(groupOf({ id: 'qq', manifest: { ...manifest, kinds: ['redirect'] }, external: true })).toBe(
			'added',
		);
	});
});

describe('the search', () => {
	const wechat = { id: 'wechat-web', names: 'WeChat on the web 微信网页' };
	it.each(['wechat', 'WECHAT', '微信', 'web', ' wechat-web ', '', 'ｗｅｃｈａｔ'])(
		'finds WeChat by "%s"',
		(search) => expect(matches(wechat, search)).toBe(true),
	);
	it.each(['github', '支付'])('does not by "%s"', (search) => expect(matches(wechat, search)).toBe(false));
});
