import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
	drawingSchema,
	externalSubjectSchema,
	jsonOf,
	PluginFailure,
	type FailureReason,
} from '@menshen/plugin-kit';
import { contractCases, emulatedBy, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import { alter, contextFor, type ContextOptions } from '../../tests/emulators/plugin-context';
import { accounts, people } from '../../tests/emulators/wechat-cast';
import { startEmulator } from './emulator';
import plugin from './index.server';
import { sessionOf } from './replies';

const wechat = await startEmulator();
afterAll(() => wechat.close());
beforeEach(() => wechat.reset());

const { mei, li } = people;
const key = 'appId=4&signinKey=12345678901';
const scope = `openid:${String(wechat.config['appId'])}`;
const meiByOpenid = { subject: mei.openids.miniprogram, scope };
const meiByUnionid = { subject: mei.unionid, scope: 'unionid' };

const stage = (options: ContextOptions = {}) => contextFor(plugin, wechat, options).context;
const redeem = async (ticket: string, params: Record<string, string> = {}, options: ContextOptions = {}) =>
	plugin.ticket?.redeem({ ticket, params }, stage(options));
const draw = async (options: ContextOptions = {}, text = key) =>
	plugin.scan?.draw({ key: text, url: 'https://id.example.com/' }, stage(options));
const failureOf = (work: Promise<unknown>) =>
	work.then(
		() => undefined,
		(error: unknown) => error as PluginFailure,
	);
const paths = () => wechat.calls.map(({ method, url }) => `${method} ${url.pathname}`);
const lastJson = () => wechat.calls.at(-1)?.json;

const failing =
	(call: VendorFailure['call'], reasons: Record<string, FailureReason>) => (): VendorFailure[] =>
		Object.entries(reasons).map(([name, reason]) => ({
			name,
			arrange: () => wechat.fail(name),
			expected: { reason },
			...(call ? { call } : {}),
		}));

const atSession = failing(undefined, {
	'-1 system error': 'unavailable',
	'40013 invalid appid': 'config',
	'40029 invalid code': 'refused',
	'40125 invalid appsecret': 'config',
	'40163 code been used': 'refused',
	'40226 code blocked': 'refused',
	'45011 api minute-quota reach limit': 'refused',
	'50002 user limited': 'refused',
	down: 'unavailable',
});
const atDrawing = failing((each, context) => each.scan?.draw({ key, url: '' }, context), {
	'stable_token: -1 system error': 'unavailable',
	'stable_token: 40001 invalid credential': 'config',
	'stable_token: 40013 invalid appid': 'config',
	'stable_token: 40125 invalid appsecret': 'config',
	'stable_token: 40164 invalid ip': 'config',
	'stable_token: 45009 reach max api daily quota limit': 'unavailable',
	'getwxacodeunlimit: -1 system error': 'unavailable',
	'getwxacodeunlimit: 40001 invalid credential': 'unavailable',
	'getwxacodeunlimit: 40097 invalid args': 'config',
	'getwxacodeunlimit: 40169 invalid length for scene': 'config',
	'getwxacodeunlimit: 41030 invalid page hint': 'config',
	'getwxacodeunlimit: 42001 access_token expired': 'unavailable',
	'getwxacodeunlimit: 45009 reach max api daily quota limit': 'unavailable',
	nonsense: 'unavailable',
	down: 'unavailable',
});
const atPhone = failing(
	(each, context) =>
		each.ticket?.redeem(
			{ ticket: wechat.login('mei'), params: { phoneCode: wechat.givePhone('mei') } },
			context,
		),
	{
		'getuserphonenumber: -1 system error': 'unavailable',
		'getuserphonenumber: 40001 invalid credential': 'unavailable',
		'getuserphonenumber: 40013 invalid appid': 'refused',
		'getuserphonenumber: 40029 invalid code': 'refused',
		'getuserphonenumber: 42001 access_token expired': 'unavailable',
		'getuserphonenumber: 45011 api minute-quota reach limit': 'unavailable',
		'getuserphonenumber: 48001 api unauthorized': 'config',
	},
);

describe('wechat-miniprogram', () => {
	const { config } = wechat;
	for (const { name, run } of contractCases({
		...emulatedBy(wechat),
		plugin,
		config,
		refused: {
			'an app id with a space': { ...config, appId: 'wx 1' },
			'a secret in Chinese': { ...config, appSecret: '密钥' },
			'a page with a slash in front': { ...config, page: '/pages/index/index' },
			'a page with a query': { ...config, page: 'pages/index/index?a=1' },
			'another form': { ...config, qrForm: 'link' },
			'another version': { ...config, envVersion: 'nightly' },
		},
		call: (each, context) => each.ticket?.redeem({ ticket: wechat.login('mei'), params: {} }, context),
		accept: (answer) => expect(answer).toEqual({ ...meiByOpenid, also: [meiByUnionid], profile: {} }),
		failures: [...atSession(), ...atDrawing(), ...atPhone()],
		secrets: ['canary-access-token'],
	}))
		it(name, run);
});

describe('a ticket', () => {
	it('is redeemed by one call with all that WeChat asks for', async () => {
		const ticket = wechat.login('li');
		await redeem(ticket);
		expect(paths()).toEqual(['GET /sns/jscode2session']);
		expect(Object.fromEntries(wechat.calls[0]?.url.searchParams ?? [])).toEqual({
			appid: wechat.config['appId'],
			secret: accounts.miniprogram.secret,
			js_code: ticket,
			grant_type: 'authorization_code',
		});
	});

	it('without a binding to the Open Platform gives the openid alone', async () => {
		wechat.bind(false);
		expect(await redeem(wechat.login('mei'))).toEqual({ ...meiByOpenid, also: [], profile: {} });
	});

	it.each([null, ''])('a unionid that is %j counts as missing', async (unionid) => {
		const answer = await redeem(wechat.login('mei'), {}, { tamper: alter({ unionid }) });
		expect(answer).toMatchObject({ also: [] });
	});

	it('is valid once', async () => {
		const ticket = wechat.login('mei');
		await redeem(ticket);
		expect(await failureOf(redeem(ticket))).toMatchObject({
			reason: 'refused',
			message: expect.stringContaining('40163') as string,
		});
	});

	it('that was never issued is refused', async () => {
		expect(await failureOf(redeem('0'.repeat(32)))).toMatchObject({ reason: 'refused' });
	});

	it.each(['', 'a b', '票', 'x'.repeat(513), 'a\r\nb'])('%j is refused without asking', async (ticket) => {
		expect(await failureOf(redeem(ticket))).toMatchObject({ reason: 'refused' });
		expect(wechat.calls).toEqual([]);
	});

	it('identifies the person; data from the client does not', async () => {
		const claims = { openid: li.openids.miniprogram, unionid: li.unionid, phone: '13800138000' };
		expect(await redeem(wechat.login('mei'), claims)).toEqual({
			...meiByOpenid,
			also: [meiByUnionid],
			profile: {},
		});
	});

	it.each([
		['no openid', { openid: undefined }],
		['an empty openid', { openid: '' }],
		['a number for an openid', { openid: 7 }],
		['a list for a unionid', { unionid: ['x'] }],
	])('answered with %s: unavailable', async (_, change) => {
		const failure = await failureOf(redeem(wechat.login('mei'), {}, { tamper: alter(change) }));
		expect(failure).toMatchObject({ reason: 'unavailable' });
	});

	it('answered with HTTP 500 is not accepted', async () => {
		const tamper: ContextOptions['tamper'] = (reply) => ({ ...reply, status: 500 });
		expect(await failureOf(redeem(wechat.login('mei'), {}, { tamper }))).toMatchObject({
			reason: 'unavailable',
		});
	});

	it('a wrong secret is the operator’s to correct', async () => {
		const failure = await failureOf(
			redeem(wechat.login('mei'), {}, { config: { appSecret: 'canary-typo' } }),
		);
		expect(failure).toMatchObject({ reason: 'config' });
		expect(failure?.message).toContain('40125');
		expect(failure?.message).not.toContain('canary');
	});
});

describe('the session key', () => {
	it('is dropped where it is read', () => {
		const body = new TextEncoder().encode('{"openid":"o","session_key":"k","unionid":"u"}');
		expect(sessionOf({ status: 200, headers: {}, body })).toEqual({ openid: 'o', unionid: 'u' });
	});

	it('is never exposed: not in the answer, the log or a failure', async () => {
		const { context, logged } = contextFor(plugin, wechat);
		const answer = await plugin.ticket?.redeem({ ticket: wechat.login('mei'), params: {} }, context);
		const failure = await failureOf(redeem(wechat.login('mei'), {}, { tamper: alter({ openid: null }) }));
		expect(wechat.sessionKeys).toHaveLength(2);
		const said = JSON.stringify([answer, logged, String(failure), failure]);
		for (const sessionKey of wechat.sessionKeys) expect(said).not.toContain(sessionKey);
		expect(said).not.toContain('session_key');
	});
});

describe('a phone number', () => {
	it.each([
		['mei', '+8613800138001'],
		['li', '+85251234567'],
	] as const)('that %s gave is verified, and in one form', async (person, phone) => {
		const answer = await redeem(wechat.login(person), { phoneCode: wechat.givePhone(person) });
		expect(answer).toMatchObject({ profile: { phone, phoneVerified: true } });
		expect(externalSubjectSchema.safeParse(answer).success).toBe(true);
	});

	it('is asked for with the token in the query and the code in the body', async () => {
		const phoneCode = wechat.givePhone('mei');
		await redeem(wechat.login('mei'), { phoneCode });
		const call = wechat.calls.at(-1);
		expect(paths().at(-1)).toBe('POST /wxa/business/getuserphonenumber');
		expect(call?.url.searchParams.get('access_token')).toMatch(/^canary-access-token-/);
		expect(call?.json).toEqual({ code: phoneCode });
	});

	it('a country code that is a number is read too', async () => {
		const info = {
			purePhoneNumber: '13800138001',
			countryCode: 86,
			watermark: { appid: wechat.config['appId'] },
		};
		const tamper = alter({ phone_info: info });
		const answer = await redeem(wechat.login('mei'), { phoneCode: wechat.givePhone('mei') }, { tamper });
		expect(answer).toMatchObject({ profile: { phone: '+8613800138001' } });
	});

	it('a used code, an unknown one and one of another mini program sign no one in', async () => {
		const used = wechat.givePhone('mei');
		await redeem(wechat.login('mei'), { phoneCode: used });
		for (const phoneCode of [used, 'f'.repeat(64), wechat.givePhone('mei', 'app'), 'a b'])
			expect(await failureOf(redeem(wechat.login('mei'), { phoneCode }))).toMatchObject({
				reason: 'refused',
			});
	});

	it.each([
		['refused', { watermark: { appid: 'wx9' } }],
		['unavailable', { watermark: undefined }],
		['unavailable', { purePhoneNumber: '1380x' }],
		['unavailable', { countryCode: '+86' }],
	])('%s when it comes with %j', async (reason, change) => {
		const good = { purePhoneNumber: '1', countryCode: '86', watermark: { appid: 'wx1' } };
		const info = { ...good, purePhoneNumber: '13800138001', ...change };
		const tamper = alter({ phone_info: info });
		const failure = await failureOf(
			redeem(wechat.login('mei'), { phoneCode: wechat.givePhone('mei') }, { tamper }),
		);
		expect(failure).toMatchObject({ reason });
	});
});

describe('a drawn code', () => {
	it('carries the key as its scene', async () => {
		const drawing = drawingSchema.parse(await draw());
		expect(drawing).toMatchObject({ type: 'image/jpeg' });
		expect(wechat.drawn).toEqual([key]);
		expect(paths().at(-1)).toBe('POST /wxa/getwxacodeunlimit');
		expect(lastJson()).toEqual({
			scene: key,
			page: 'pages/index/index',
			check_path: true,
			env_version: 'release',
			width: 430,
		});
	});

	it('or as the query of its path', async () => {
		await draw({ config: { qrForm: 'path', page: 'pages/sign-in/index', envVersion: 'trial' } });
		expect(wechat.drawn).toEqual([`pages/sign-in/index?${key}`]);
		expect(paths().at(-1)).toBe('POST /wxa/getwxacode');
		expect(lastJson()).toEqual({ path: `pages/sign-in/index?${key}`, env_version: 'trial', width: 430 });
	});

	it('a page that is not published needs the check switched off', async () => {
		const page = 'pages/new/index';
		expect(await failureOf(draw({ config: { page } }))).toMatchObject({ reason: 'config' });
		await draw({ config: { page, checkPath: false } });
		expect(lastJson()).toMatchObject({ page, check_path: false });
	});

	it('of the path form that is used up is the operator’s to correct', async () => {
		wechat.fail('getwxacode: 45029 qrcode count out of limit');
		expect(await failureOf(draw({ config: { qrForm: 'path' } }))).toMatchObject({ reason: 'config' });
	});

	it('may be a PNG as well; other bytes and bare JSON are refused', async () => {
		const answering = (...bytes: number[]): ContextOptions => ({
			tamper: (reply) =>
				reply.headers['content-type'] === 'image/jpeg' ? { ...reply, body: Uint8Array.from(bytes) } : reply,
		});
		expect(await draw(answering(0x89, 0x50, 0x4e, 0x47))).toMatchObject({ type: 'image/png' });
		for (const bytes of [[1, 2, 3], [], [...Buffer.from('{}')]])
			expect(await failureOf(draw(answering(...bytes)))).toMatchObject({ reason: 'unavailable' });
	});

	it.each(['', 'x'.repeat(33), 'key=%31', 'key=钥', 'a b'])('cannot have the key %j', async (text) => {
		expect(await failureOf(draw({}, text))).toBeInstanceOf(PluginFailure);
		expect(wechat.calls).toEqual([]);
	});
});

describe('the access token', () => {
	const tokenCalls = () => paths().filter((path) => path === 'POST /cgi-bin/stable_token').length;

	it('is asked for by the stable call', async () => {
		await draw({ config: { appSecret: accounts.miniprogram.secret } });
		const call = wechat.calls.find(({ url }) => url.pathname === '/cgi-bin/stable_token');
		expect(call?.json).toEqual({
			grant_type: 'client_credential',
			appid: wechat.config['appId'],
			secret: accounts.miniprogram.secret,
			force_refresh: false,
		});
	});

	it('is kept until shortly before it expires', async () => {
		const start = 1_900_000_000_000;
		await draw({ now: () => start });
		const before = tokenCalls();
		await draw({ now: () => start + 7_079_000 });
		expect(tokenCalls()).toBe(before);
		await draw({ now: () => start + 7_081_000 });
		expect(tokenCalls()).toBe(before + 1);
	});

	it.each([40001, 42001] as const)('that WeChat answers with %s is renewed', async (errcode) => {
		await draw();
		wechat.endTokens(errcode);
		wechat.calls.length = 0;
		await draw();
		expect(paths()).toEqual([
			'POST /wxa/getwxacodeunlimit',
			'POST /cgi-bin/stable_token',
			'POST /wxa/getwxacodeunlimit',
		]);
	});

	it('is renewed once, not repeatedly', async () => {
		await draw();
		wechat.calls.length = 0;
		wechat.fail('getwxacodeunlimit: 42001 access_token expired');
		expect(await failureOf(draw())).toMatchObject({ reason: 'unavailable' });
		expect(paths()).toHaveLength(3);
	});

	it('is not renewed after other errors', async () => {
		await draw();
		wechat.calls.length = 0;
		wechat.fail('getwxacodeunlimit: 45009 reach max api daily quota limit');
		await failureOf(draw());
		expect(paths()).toEqual(['POST /wxa/getwxacodeunlimit']);
	});

	it('is not given to an app that does not know the secret', async () => {
		await draw();
		expect(await failureOf(draw({ config: { appSecret: 'wrong' } }))).toMatchObject({ reason: 'config' });
	});
});

describe('the self-test', () => {
	const selfTest = async (options: ContextOptions = {}) => plugin.selfTest?.(stage(options));

	it('asks for a token, cached one or not', async () => {
		await draw();
		wechat.calls.length = 0;
		await selfTest();
		expect(paths()).toEqual(['POST /cgi-bin/stable_token']);
	});

	it.each([
		['stable_token: 40125 invalid appsecret', 'the AppSecret is wrong'],
		['stable_token: 40164 invalid ip', 'IP whitelist'],
		['stable_token: 40013 invalid appid', 'AppID'],
	])('%s: says what to mend', async (name, text) => {
		wechat.fail(name);
		const failure = await failureOf(selfTest());
		expect(failure).toMatchObject({ reason: 'config' });
		expect(failure?.message).toContain(text);
	});
});

describe('the emulated phone', () => {
	it('hands out codes to try things by hand', async () => {
		const ask = async (path: string, person: string) =>
			jsonOf(await stage().http('api', { path, query: { person } }), z.object({ code: z.string() })).code;
		const phoneCode = await ask('/phone/number', 'li');
		expect(await redeem(await ask('/phone/login', 'li'), { phoneCode })).toMatchObject({
			subject: li.openids.miniprogram,
			profile: { phone: '+85251234567' },
		});
		await expect(ask('/phone/login', 'nobody')).rejects.toThrow();
	});
});
