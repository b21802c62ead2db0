import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
	externalSubjectSchema,
	jsonOf,
	textOf,
	type FailureReason,
	type HttpReply,
	type PluginFailure,
} from '@menshen/plugin-kit';
import { contractCases, emulatedBy } from '@menshen/plugin-kit/contract-suite';
import { alter, contextFor, type ContextOptions } from '../../tests/emulators/plugin-context';
import { accounts, people } from '../../tests/emulators/wechat-cast';
import { startEmulator } from './emulator';
import plugin from './index.server';

const wechat = await startEmulator();
afterAll(() => wechat.close());
beforeEach(() => wechat.reset());

const { mei, li } = people;
const scope = `openid:${accounts.app.appid}`;
const canaries = ['canary-user-token', 'canary-refresh-token'];

const stage = (options: ContextOptions = {}) => contextFor(plugin, wechat, options).context;
const redeem = async (ticket: string, options: ContextOptions = {}) =>
	plugin.ticket?.redeem({ ticket, params: {} }, stage(options));
const failureOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error: unknown) => error as PluginFailure,
	);
const paths = () => wechat.calls.map(({ method, url }) => `${method} ${url.pathname}`);
const only =
	(path: RegExp, tamper: (reply: HttpReply) => HttpReply) =>
	(reply: HttpReply): HttpReply =>
		path.test(wechat.calls.at(-1)?.url.pathname ?? '') ? tamper(reply) : reply;

const reasons: Record<string, FailureReason> = {
	'-1 system error': 'unavailable',
	'40013 invalid appid': 'config',
	'40029 invalid code': 'refused',
	'40125 invalid appsecret': 'config',
	'40163 code been used': 'refused',
	'40226 code blocked': 'refused',
	'45011 api minute-quota reach limit': 'unavailable',
	'48004 api forbidden for irregularities': 'config',
	'50002 user limited': 'refused',
	'userinfo: -1 system error': 'unavailable',
	'userinfo: 40001 invalid credential': 'unavailable',
	'userinfo: 40003 invalid openid': 'unavailable',
	'userinfo: 48001 api unauthorized': 'config',
	down: 'unavailable',
};

describe('wechat-app', () => {
	const { config } = wechat;
	for (const { name, run } of contractCases({
		...emulatedBy(wechat),
		plugin,
		config,
		refused: {
			'an app id with a space': { ...config, appId: 'wx 1' },
			'a secret in Chinese': { ...config, appSecret: '密钥' },
		},
		call: (each, context) => each.ticket?.redeem({ ticket: wechat.approve('mei'), params: {} }, context),
		accept: (answer) =>
			expect(answer).toEqual({
				subject: mei.openids.app,
				scope,
				also: [{ subject: mei.unionid, scope: 'unionid' }],
				profile: { name: '梅', avatar: mei.headimgurl },
			}),
		failures: Object.entries(reasons).map(([name, reason]) => ({
			name,
			arrange: () => wechat.fail(name),
			expected: { reason },
		})),
		secrets: canaries,
	}))
		it(name, run);
});

describe('a code of the SDK', () => {
	it('is exchanged with all that WeChat asks for, then the profile is read', async () => {
		const code = wechat.approve('li');
		expect(await redeem(code)).toMatchObject({ subject: li.openids.app, profile: { name: 'Li 李' } });
		const [exchange, user] = wechat.calls.map(({ url }) => Object.fromEntries(url.searchParams));
		expect(paths()).toEqual(['GET /sns/oauth2/access_token', 'GET /sns/userinfo']);
		expect(exchange).toEqual({
			appid: accounts.app.appid,
			secret: accounts.app.secret,
			code,
			grant_type: 'authorization_code',
		});
		expect(user).toEqual({
			access_token: expect.stringMatching(/^canary-user-token-/) as string,
			openid: li.openids.app,
			lang: 'zh_CN',
		});
	});

	it('is valid once', async () => {
		const code = wechat.approve('mei');
		await redeem(code);
		expect(await failureOf(redeem(code))).toMatchObject({ reason: 'refused' });
	});

	it.each(['', 'a b', '码', 'x'.repeat(513)])('%j is refused without asking', async (ticket) => {
		expect(await failureOf(redeem(ticket))).toMatchObject({ reason: 'refused' });
		expect(wechat.calls).toEqual([]);
	});

	it('that was never issued is refused', async () => {
		expect(await failureOf(redeem('0'.repeat(32)))).toMatchObject({ reason: 'refused' });
	});

	it('identifies the person; data from the client does not', async () => {
		const params = { openid: li.openids.app, unionid: li.unionid };
		const answer = await plugin.ticket?.redeem({ ticket: wechat.approve('mei'), params }, stage());
		expect(answer).toMatchObject({ subject: mei.openids.app, also: [{ subject: mei.unionid }] });
	});

	it('with another scope reads no profile', async () => {
		const answer = await redeem(wechat.approve('mei', 'snsapi_base'));
		expect(answer).toEqual({ subject: mei.openids.app, scope, also: [], profile: {} });
		expect(paths()).toEqual(['GET /sns/oauth2/access_token']);
	});

	it('without a binding to the Open Platform gives the openid alone', async () => {
		wechat.bind(false);
		expect(await redeem(wechat.approve('mei'))).toMatchObject({ subject: mei.openids.app, also: [] });
	});

	it('a unionid that only the profile tells is taken', async () => {
		const tamper = only(/access_token$/, alter({ unionid: null }));
		expect(await redeem(wechat.approve('mei'), { tamper })).toMatchObject({
			also: [{ subject: mei.unionid, scope: 'unionid' }],
		});
	});

	it.each([
		[/access_token$/, { openid: '' }],
		[/access_token$/, { access_token: 5 }],
		[/userinfo$/, { openid: li.openids.app }],
		[/userinfo$/, { unionid: li.unionid }],
	])('a reply at %s changed to %j is not believed', async (path, change) => {
		const failure = await failureOf(redeem(wechat.approve('mei'), { tamper: only(path, alter(change)) }));
		expect(failure).toMatchObject({ reason: 'unavailable' });
	});

	it('never reveals the tokens behind it', async () => {
		const { context, logged } = contextFor(plugin, wechat);
		const answer = await plugin.ticket?.redeem({ ticket: wechat.approve('mei'), params: {} }, context);
		for (const canary of canaries) expect(JSON.stringify([answer, logged])).not.toContain(canary);
	});
});

describe('a profile', () => {
	const profileFrom = async (tamper: (reply: HttpReply) => HttpReply) =>
		externalSubjectSchema.parse(await redeem(wechat.approve('mei'), { tamper: only(/userinfo$/, tamper) }))
			.profile;

	it.each([
		[
			{ headimgurl: 'http://thirdwx.qlogo.cn/a/132' },
			{ name: '梅', avatar: 'https://thirdwx.qlogo.cn/a/132' },
		],
		[{ headimgurl: 'javascript:alert(1)' }, { name: '梅' }],
		[{ nickname: '微信用户', headimgurl: '' }, {}],
	])('%j', async (change, profile) => {
		expect(await profileFrom(alter(change))).toEqual(profile);
	});

	it('with bare control characters in the name is still read', async () => {
		const tamper = (reply: HttpReply): HttpReply => ({
			...reply,
			body: new TextEncoder().encode(textOf(reply).replace('梅', '梅\u0007')),
		});
		expect((await profileFrom(tamper)).name).toBe('梅');
	});
});

describe('the self-test', () => {
	const selfTest = async (options: ContextOptions = {}) => plugin.selfTest?.(stage(options));

	it('needs no person', async () => {
		await selfTest();
		expect(paths()).toEqual(['GET /sns/oauth2/access_token']);
	});

	it.each([
		['appSecret', '40125'],
		['appId', '40013'],
	])('a wrong %s: says what', async (key, errcode) => {
		const failure = await failureOf(selfTest({ config: { [key]: 'wx_typo' } }));
		expect(failure).toMatchObject({ reason: 'config' });
		expect(failure?.message).toContain(errcode);
	});

	it('refuses a vendor that accepts any code', async () => {
		const tamper = alter({ errcode: 0, access_token: 't', openid: 'o' });
		expect(await failureOf(selfTest({ tamper }))).toMatchObject({ reason: 'unavailable' });
	});
});

describe('the emulated phone', () => {
	it('hands out codes to try things by hand', async () => {
		const reply = await stage().http('api', { path: '/phone/login', query: { person: 'li' } });
		const { code } = jsonOf(reply, z.object({ code: z.string() }));
		expect(await redeem(code)).toMatchObject({ subject: li.openids.app });
	});
});
