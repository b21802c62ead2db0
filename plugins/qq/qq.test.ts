import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigValues, HttpReply, Plugin, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import { choose } from '../../tests/emulators/consent';
import { startEmulator } from './emulator';
import qq from './index.server';

const plugin = qq as Plugin;
const vendor = await startEmulator();
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

const redirectUri = 'https://id.example.com/sign-in/back?x=a+b';
vendor.redirectUris.add(redirectUri);
const start = { redirectUri, state: 's t+a&te', nonce: 'n1' };
const mei = 'B624064BA065E01CB73F835017FE96FA';

const contextWith = (config: ConfigValues = {}) =>
	contextFor(plugin, { emulator: vendor, config, locale: 'zh-CN' });

/** Clicks a link of QQ's page. @returns what comes back to us in the address. */
const click = (link: string, context: PluginContext = contextWith()) =>
	choose(plugin, start, { link, context });
const finish = async (
	query: Record<string, string>,
	context: PluginContext = contextWith(),
	to = redirectUri,
) => plugin.redirect?.finish({ redirectUri: to, query, nonce: 'n1', kept: '' }, context);
const signIn = async (who: string, context: PluginContext = contextWith()) =>
	finish(await click(`Approve as ${who}`, context), context);

const failureOf = (work: Promise<unknown>) => thrownBy(() => work);

const failures: Readonly<Record<string, VendorFailure['expected']>> = {
	'100008 client_id is illegal': { reason: 'config' },
	'100009 client_secret is wrong': { reason: 'config' },
	'100010 redirect uri is illegal': { reason: 'config' },
	'100011 app is not online': { reason: 'config' },
	'100019 code to access token error': { reason: 'refused' },
	'100020 code is reused error': { reason: 'refused' },
	'100021 get access token error': { reason: 'unavailable' },
	'100013 access token is illegal': { reason: 'refused' },
	'100016 access token check failed': { reason: 'refused' },
	'100030 the user has not authorised this api': { reason: 'refused' },
	'1002 not signed in': { reason: 'refused' },
	'-1 busy': { reason: 'unavailable' },
	down: { reason: 'unavailable' },
};

describe('qq', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(vendor, failures),
		call: async (_, context) => finish(await click('Approve as Mei', context), context),
		accept: (answer) => expect(answer).toMatchObject({ subject: mei, scope: 'openid:101000001' }),
	}))
		it(name, run);

	it('asks for a code and the small profile', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			response_type: 'code',
			client_id: '101000001',
			redirect_uri: redirectUri,
			state: start.state,
			scope: 'get_user_info',
		});
		expect(url).not.toContain(String(vendor.config['appKey']));
	});

	it('sends code, secret and address, then the token, then the openid with it', async () => {
		const query = await click('Approve as Mei');
		await finish(query);
		const [token, me, info, ...more] = vendor.calls.map(({ url }) => Object.fromEntries(url.searchParams));
		expect(more).toEqual([]);
		expect(token).toEqual({
			grant_type: 'authorization_code',
			client_id: '101000001',
			client_secret: vendor.config['appKey'],
			code: query['code'],
			redirect_uri: redirectUri,
			fmt: 'json',
		});
		const access_token = expect.stringMatching(/^[0-9A-F]{32}$/) as string;
		expect(me).toEqual({ access_token, unionid: '1', fmt: 'json' });
		expect(info).toEqual({ access_token, oauth_consumer_key: '101000001', openid: mei });
	});

	it('gives the openid within this application, the unionid beside it, and the profile', async () => {
		expect(await signIn('Mei')).toEqual({
			subject: mei,
			scope: 'openid:101000001',
			also: [{ subject: 'UID_MEI00000000000000000000000001', scope: 'unionid' }],
			profile: { name: '梅', avatar: 'https://thirdqq.example.com/mei/100' },
		});
		expect((await signIn('Li'))?.profile).toEqual({
			name: '李',
			avatar: 'https://thirdqq.example.com/li/40',
		});
	});

	it('does without the unionid where the application may not see it', async () => {
		vendor.fail('100048 no permission to get unionid');
		expect(await signIn('Mei')).toMatchObject({ subject: mei, also: [] });
		expect(vendor.calls.map(({ url }) => url.pathname)).toEqual([
			'/oauth2.0/token',
			'/oauth2.0/me',
			'/oauth2.0/me',
			'/user/get_user_info',
		]);
	});

	it('accepts a code once, for the address it was given to', async () => {
		const query = await click('Approve as Mei');
		expect(await failureOf(finish(query, contextWith(), 'https://id.example.com/other'))).toMatchObject({
			reason: 'config',
		});
		await finish(query);
		expect(await failureOf(finish(query))).toMatchObject({ reason: 'refused' });
		expect(await failureOf(finish({ code: 'MADEUP' }))).toMatchObject({ reason: 'refused' });
	});

	it('recognises a person who cancelled', async () => {
		expect(await failureOf(finish(await click('Cancel')))).toMatchObject({ reason: 'cancelled' });
		expect(vendor.calls).toEqual([]);
	});

	it.each([
		[{}, 'cancelled'],
		[{ code: '' }, 'cancelled'],
		[{ code: 'ABC', usercancel: '2' }, 'cancelled'],
		[{ code: '100010', msg: 'redirect uri is illegal' }, 'config'],
		[{ code: '100008', msg: 'client_id is illegal' }, 'config'],
		[{ code: '100000', msg: 'x' }, 'unavailable'],
	])('comes back with %j: %s', async (query, reason) => {
		expect(await failureOf(finish(query as Record<string, string>))).toMatchObject({ reason });
		expect(vendor.calls).toEqual([]);
	});
});

/** The three spellings of the same answers, and forged answers. */
describe('what is answered', () => {
	const reply = (text: string, status = 200): HttpReply => ({
		status,
		headers: {},
		body: new TextEncoder().encode(text),
	});
	const answering = (texts: Record<string, string>, status = 200): PluginContext => ({
		...contextWith(),
		http: (_, request) => Promise.resolve(reply(texts[request?.path ?? ''] ?? '', status)),
	});
	const good = {
		'/oauth2.0/token': '{"access_token":"T","expires_in":7776000}',
		'/oauth2.0/me': '{"client_id":"101000001","openid":"O","unionid":"U"}',
		'/user/get_user_info': '{"ret":0,"msg":"","nickname":"N"}',
	};
	const answer = { subject: 'O', also: [{ subject: 'U', scope: 'unionid' }], profile: { name: 'N' } };

	it.each([
		['/oauth2.0/token', 'access_token=T&expires_in=7776000&refresh_token=R'],
		['/oauth2.0/token', ' access_token=T&expires_in=7776000\n'],
		['/oauth2.0/token', 'callback( {"access_token":"T"} );'],
		['/oauth2.0/token', '{"access_token":"T","error":0}'],
		['/oauth2.0/me', 'callback( {"client_id":"101000001","openid":"O","unionid":"U"} );\n'],
		['/oauth2.0/me', 'callback({"client_id":101000001,"openid":"O","unionid":"U"})'],
		['/oauth2.0/me', 'client_id=101000001&openid=O&unionid=U'],
	])('%s may say %s', async (path, text) => {
		expect(await finish({ code: 'C' }, answering({ ...good, [path]: text }))).toMatchObject(answer);
	});

	it.each([
		[
			'/oauth2.0/token',
			'callback( {"error":100020,"error_description":"code is reused error"} );',
			'refused',
		],
		['/oauth2.0/token', 'error=100009&error_description=client_secret+is+wrong', 'config'],
		['/oauth2.0/token', '{"error":"100009"}', 'config'],
		['/oauth2.0/me', '{"error":100016}', 'refused'],
		['/oauth2.0/token', '{"error":"invalid"}', 'unavailable'],
		['/oauth2.0/token', 'access_token=', 'unavailable'],
		['/oauth2.0/token', '', 'unavailable'],
		['/oauth2.0/token', 'callback()', 'unavailable'],
		['/oauth2.0/token', 'callback( {"access_token":"T"} ); alert(1)', 'unavailable'],
		['/oauth2.0/token', '[]', 'unavailable'],
		['/oauth2.0/me', '{"client_id":"101000001"}', 'unavailable'],
		['/oauth2.0/me', '{"client_id":"101000001","openid":""}', 'unavailable'],
		['/oauth2.0/me', '{"openid":"O"}', 'unavailable'],
		['/oauth2.0/me', '{"client_id":"101999999","openid":"O"}', 'refused'],
		['/user/get_user_info', '{"nickname":"N"}', 'unavailable'],
		['/user/get_user_info', '{"ret":100030,"msg":"x","nickname":"N"}', 'refused'],
	])('%s with %s: %s', async (path, text, reason) => {
		expect(await failureOf(finish({ code: 'C' }, answering({ ...good, [path]: text })))).toMatchObject({
			reason,
		});
	});

	it('counts a failing server as unavailable, whatever it says', async () => {
		expect(await failureOf(finish({ code: 'C' }, answering(good, 500)))).toMatchObject({
			reason: 'unavailable',
		});
	});

	it('cuts long names, and leaves out invalid pictures', async () => {
		const info = JSON.stringify({
			ret: 0,
			nickname: '名'.repeat(300),
			figureurl_qq_2: 'javascript:alert(1)',
			figureurl_qq_1: 7,
		});
		const { profile } =
			(await finish({ code: 'C' }, answering({ ...good, '/user/get_user_info': info }))) ?? {};
		expect(profile).toEqual({ name: '名'.repeat(100), avatar: undefined });
	});
});

describe('the self-test', () => {
	const selfTest = async (context: PluginContext) => plugin.selfTest?.(context);
	it('tries a code that was never issued, and asks nothing else', async () => {
		await selfTest(contextWith());
		expect(vendor.calls.map(({ url }) => url.pathname)).toEqual(['/oauth2.0/token']);
	});
	it('passes where QQ looks at the address first', async () => {
		vendor.fail('100010 redirect uri is illegal');
		await selfTest(contextWith());
	});
	it.each<ConfigValues>([{ appId: '101999999' }, { appKey: 'wrong' }])('finds %j', async (change) => {
		expect(await failureOf(selfTest(contextWith(change)))).toMatchObject({
			reason: 'config',
		});
	});
	it('reports that QQ is down', async () => {
		vendor.fail('down');
		expect(await failureOf(selfTest(contextWith()))).toMatchObject({ reason: 'unavailable' });
	});
});
