import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
	departureSchema,
	externalSubjectSchema,
	textOf,
	type FailureReason,
	type HttpReply,
	type PluginFailure,
	type RedirectStart,
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
const redirectUri = 'https://id.example.com/external/wechat-web?app=4&x=ä b';
const start = { redirectUri, state: 'St-_1', nonce: 'n' };
wechat.redirectUris.add(redirectUri);
const canaries = ['canary-user-token', 'canary-refresh-token'];
const officialOff = { officialAppId: undefined, officialAppSecret: undefined };
const websiteOff = { websiteAppId: undefined, websiteAppSecret: undefined };

const stage = (options: ContextOptions = {}) => contextFor(plugin, wechat, options).context;
const begin = async (change: Partial<RedirectStart> = {}, options: ContextOptions = {}) =>
	departureSchema.parse(await plugin.redirect?.begin({ ...start, ...change }, stage(options)));
const finish = async (
	query: Record<string, string>,
	kept: string = 'website',
	options: ContextOptions = {},
) => plugin.redirect?.finish({ redirectUri, query, nonce: 'n', kept }, stage(options));
const back = (code: string, kept?: string, options?: ContextOptions) =>
	finish({ code, state: start.state }, kept, options);
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

describe('wechat-web', () => {
	const { config } = wechat;
	for (const { name, run } of contractCases({
		...emulatedBy(wechat),
		plugin,
		config,
		refused: {
			'a website without its secret': { ...config, websiteAppSecret: undefined },
			'a secret without its website': { ...config, websiteAppId: undefined },
			'an official account without its secret': { ...config, officialAppSecret: undefined },
			'neither of the two': { ...config, ...websiteOff, ...officialOff },
			'an app id with a space': { ...config, websiteAppId: 'wx 1' },
			'another scope': { ...config, officialScope: 'snsapi_login' },
		},
		call: (each, context) =>
			each.redirect?.finish(
				{ redirectUri, query: { code: wechat.approve('mei', 'website') }, nonce: 'n', kept: 'website' },
				context,
			),
		accept: (answer) =>
			expect(answer).toEqual({
				subject: mei.openids.website,
				scope: `openid:${accounts.website.appid}`,
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

	it.each([
		['the website alone', officialOff],
		['the official account alone', websiteOff],
	])('%s is enough', (_, off) => {
		expect(() => stage({ config: off })).not.toThrow();
	});
});

describe('the redirect to WeChat', () => {
	const encoded = encodeURIComponent(redirectUri);

	it('leads to the QR page outside WeChat, parameters in order, with the fragment', async () => {
		expect(await begin()).toEqual({
			url: `${wechat.url}/connect/qrconnect?appid=${accounts.website.appid}&redirect_uri=${encoded}&response_type=code&scope=snsapi_login&state=St-_1#wechat_redirect`,
			kept: 'website',
		});
	});

	it.each(['snsapi_userinfo', 'snsapi_base'])(
		'inside it leads to the official account, %s',
		async (scope) => {
			expect(await begin({ inside: 'wechat' }, { config: { officialScope: scope } })).toEqual({
				url: `${wechat.url}/connect/oauth2/authorize?appid=${accounts.official.appid}&redirect_uri=${encoded}&response_type=code&scope=${scope}&state=St-_1#wechat_redirect`,
				kept: 'official',
			});
		},
	);

	it('treats other apps’ browsers as outside WeChat', async () => {
		expect(await begin({ inside: 'dingtalk' })).toMatchObject({ kept: 'website' });
	});

	it.each([
		['inside, without an official account', { inside: 'wechat' }, officialOff],
		['outside, without a website', {}, websiteOff],
	] as const)('%s: another way must be chosen', async (_, change, config) => {
		expect(await failureOf(begin(change, { config }))).toMatchObject({ reason: 'cancelled' });
	});
});

describe('WeChat’s page', () => {
	const insideWechat = { 'user-agent': 'Mozilla/5.0 MicroMessenger/8.0.50' };

	/** Opens the page as a browser does, and reads where its links lead. */
	async function open(address: string, headers: Record<string, string> = {}) {
		const { pathname, searchParams } = new URL(address);
		const endpoint = pathname.endsWith('qrconnect') ? 'website' : 'official';
		const query = Object.fromEntries(searchParams);
		const page = textOf(await stage().http(endpoint, { query, headers }));
		const links = [...page.matchAll(/href="([^"]+)">([^<]+)/g)].map(([, to = '', text = '']) => {
			const url = new URL(to.replace(/&#(\d+);/g, (_, sign: string) => String.fromCharCode(Number(sign))));
			return [text, url] as const;
		});
		return { page, links: new Map(links) };
	}

	it.each([
		['outside', {}, 'website'],
		['inside', { inside: 'wechat' }, 'official'],
	] as const)('%s: approved, the browser comes back with code and state', async (_, change, half) => {
		const { url, kept } = await begin(change);
		const to = (await open(url, insideWechat)).links.get('Approve as Li');
		expect(to?.href.startsWith('https://id.example.com/external/wechat-web?app=4&')).toBe(true);
		const query = Object.fromEntries(to?.searchParams ?? []);
		expect(query['state']).toBe(start.state);
		expect(await finish(query, kept)).toEqual({
			subject: li.openids[half],
			scope: `openid:${accounts[half].appid}`,
			also: [{ subject: li.unionid, scope: 'unionid' }],
			profile: { name: 'Li 李' },
		});
	});

	it('refused, it comes back with the state alone', async () => {
		const to = (await open((await begin()).url)).links.get('Cancel');
		const query = Object.fromEntries(to?.searchParams ?? []);
		expect(Object.keys(query)).toEqual(['app', 'x', 'state']);
		expect(await failureOf(finish(query))).toMatchObject({ reason: 'cancelled' });
		expect(wechat.calls).toEqual([]);
	});

	it('of the official account opens in WeChat only', async () => {
		const { page, links } = await open((await begin({ inside: 'wechat' })).url);
		expect(page).toBe('请在微信客户端打开链接');
		expect(links.size).toBe(0);
	});

	it.each([
		['another address', { redirectUri: 'https://evil.example/cb' }, 'redirect_uri'],
		['a state too long', { state: 's'.repeat(129) }, 'state'],
	])('refuses %s', async (_, change, named) => {
		const { page, links } = await open((await begin(change)).url);
		expect(page).toContain(named);
		expect(links.size).toBe(0);
	});

	it('refuses parameters in another order', async () => {
		const url = new URL((await begin()).url);
		url.searchParams.delete('appid');
		url.searchParams.append('appid', accounts.website.appid);
		expect((await open(url.href)).page).toBe('请求参数错误');
	});
});

describe('the return from WeChat', () => {
	it('exchanges the code with all that WeChat asks for, then reads the profile', async () => {
		const code = wechat.approve('mei', 'official');
		await back(code, 'official');
		const [exchange, user] = wechat.calls.map(({ url }) => Object.fromEntries(url.searchParams));
		expect(paths()).toEqual(['GET /sns/oauth2/access_token', 'GET /sns/userinfo']);
		expect(exchange).toEqual({
			appid: accounts.official.appid,
			secret: accounts.official.secret,
			code,
			grant_type: 'authorization_code',
		});
		expect(user).toEqual({
			access_token: expect.stringMatching(/^canary-user-token-/) as string,
			openid: mei.openids.official,
			lang: 'zh_CN',
		});
	});

	it('of silent consent reads no profile, and learns no unionid', async () => {
		const answer = await back(wechat.approve('mei', 'official', { scope: 'snsapi_base' }), 'official');
		expect(answer).toEqual({
			subject: mei.openids.official,
			scope: `openid:${accounts.official.appid}`,
			also: [],
			profile: {},
		});
		expect(paths()).toEqual(['GET /sns/oauth2/access_token']);
	});

	it('without a binding to the Open Platform gives the openid alone', async () => {
		wechat.bind(false);
		expect(await back(wechat.approve('mei', 'website'))).toMatchObject({
			subject: mei.openids.website,
			also: [],
		});
	});

	it('a unionid that only the profile tells is taken', async () => {
		const tamper = only(/access_token$/, alter({ unionid: '' }));
		expect(await back(wechat.approve('mei', 'website'), 'website', { tamper })).toMatchObject({
			also: [{ subject: mei.unionid, scope: 'unionid' }],
		});
	});

	it.each<Record<string, string>>([{ code: 'authdeny' }, { code: '' }, {}])(
		'with %j is a refusal of the person',
		async (query) => {
			expect(await failureOf(finish(query, 'official'))).toMatchObject({ reason: 'cancelled' });
			expect(wechat.calls).toEqual([]);
		},
	);

	it.each(['a b', '码', 'x'.repeat(513)])('with the code %j is refused without asking', async (code) => {
		expect(await failureOf(back(code))).toMatchObject({ reason: 'refused' });
		expect(wechat.calls).toEqual([]);
	});

	it('accepts a code once, and for its own account', async () => {
		const code = wechat.approve('mei', 'website');
		await back(code);
		expect(await failureOf(back(code))).toMatchObject({ reason: 'refused' });
		expect(await failureOf(back(wechat.approve('mei', 'website'), 'official'))).toMatchObject({
			reason: 'refused',
		});
	});

	it.each(['', 'miniprogram', '__proto__'])('what was begun as %j is refused', async (kept) => {
		expect(await failureOf(back(wechat.approve('mei', 'website'), kept))).toMatchObject({
			reason: 'refused',
		});
		expect(wechat.calls).toEqual([]);
	});

	it('signs no one in for an account that was removed meanwhile', async () => {
		const failure = await failureOf(
			back(wechat.approve('mei', 'official'), 'official', { config: officialOff }),
		);
		expect(failure).toMatchObject({ reason: 'cancelled' });
	});

	it('refuses the visitor of a snapshot', async () => {
		const failure = await failureOf(back(wechat.approve('mei', 'official', { snapshot: true }), 'official'));
		expect(failure).toMatchObject({ reason: 'refused' });
		expect(failure?.message).toContain('snapshot');
	});

	it.each([
		['no openid', { openid: undefined }],
		['no token', { access_token: '' }],
		['an openid that is an object', { openid: {} }],
	])('a reply with %s is nonsense', async (_, change) => {
		const failure = await failureOf(
			back(wechat.approve('mei', 'website'), 'website', { tamper: only(/access_token$/, alter(change)) }),
		);
		expect(failure).toMatchObject({ reason: 'unavailable' });
	});

	it.each([{ openid: li.openids.website }, { unionid: li.unionid }])(
		'a profile of another person is not accepted: %j',
		async (change) => {
			const failure = await failureOf(
				back(wechat.approve('mei', 'website'), 'website', { tamper: only(/userinfo$/, alter(change)) }),
			);
			expect(failure).toMatchObject({ reason: 'unavailable' });
		},
	);

	it('never reveals tokens', async () => {
		const { context, logged } = contextFor(plugin, wechat);
		const code = wechat.approve('mei', 'website');
		const input = { redirectUri, query: { code }, nonce: 'n', kept: 'website' };
		const said = JSON.stringify([await plugin.redirect?.finish(input, context), logged]);
		for (const canary of canaries) expect(said).not.toContain(canary);
	});
});

describe('a profile', () => {
	const profileFrom = async (tamper: (reply: HttpReply) => HttpReply) => {
		const answer = await back(wechat.approve('mei', 'website'), 'website', {
			tamper: only(/userinfo$/, tamper),
		});
		return externalSubjectSchema.parse(answer).profile;
	};

	it.each([
		[
			'a picture over http',
			{ headimgurl: 'http://thirdwx.qlogo.cn/a/132' },
			'https://thirdwx.qlogo.cn/a/132',
		],
		['a script', { headimgurl: 'javascript:alert(1)' }, undefined],
		['half an address', { headimgurl: 'https://' }, undefined],
		['an address without end', { headimgurl: `https://a.example/${'x'.repeat(2100)}` }, undefined],
		['no picture', { headimgurl: null }, undefined],
	])('%s', async (_, change, avatar) => {
		expect((await profileFrom(alter(change))).avatar).toBe(avatar);
	});

	it.each([
		['the name that everybody has who gives none', '微信用户', undefined],
		['no name', '', undefined],
		['a name of blanks', '  ', undefined],
		['an endless name', '梅'.repeat(900), '梅'.repeat(200)],
		['a missing name', null, undefined],
	])('%s', async (_, nickname, name) => {
		expect((await profileFrom(alter({ nickname }))).name).toBe(name);
	});

	it('with bare control characters in the name is still read', async () => {
		const tamper = (reply: HttpReply): HttpReply => ({
			...reply,
			body: new TextEncoder().encode(textOf(reply).replace('梅', '梅\u0007\u0001')),
		});
		expect((await profileFrom(tamper)).name).toBe('梅');
	});
});

describe('the self-test', () => {
	const selfTest = async (options: ContextOptions = {}) => plugin.selfTest?.(stage(options));

	it('asks for each account that is set up', async () => {
		await selfTest();
		expect(wechat.calls.map(({ url }) => url.searchParams.get('appid'))).toEqual([
			accounts.website.appid,
			accounts.official.appid,
		]);
		wechat.reset();
		await selfTest({ config: websiteOff });
		expect(wechat.calls).toHaveLength(1);
	});

	it.each([
		['websiteAppSecret', 'website: ', '40125'],
		['officialAppSecret', 'official: ', '40125'],
		['officialAppId', 'official: ', '40013'],
	])('a wrong %s: says where, and what', async (key, half, errcode) => {
		const failure = await failureOf(selfTest({ config: { [key]: 'wx_typo' } }));
		expect(failure).toMatchObject({ reason: 'config' });
		expect(failure?.message).toContain(half);
		expect(failure?.message).toContain(errcode);
	});

	it('refuses a vendor that accepts any code', async () => {
		const tamper = alter({ errcode: 0, access_token: 't', openid: 'o' });
		expect(await failureOf(selfTest({ tamper }))).toMatchObject({ reason: 'unavailable' });
	});
});
