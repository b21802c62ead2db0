import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigValues, Plugin, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import { choose, linkAt } from '../../tests/emulators/consent';
import { startEmulator } from './emulator';
import dingtalk from './index.server';

const plugin = dingtalk as Plugin;
const vendor = await startEmulator();
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

const redirectUri = 'https://id.example.com/sign-in/back?app=1&x=a+b';
vendor.redirectUris.add(redirectUri);
const start = { redirectUri, state: 's t+a&te', nonce: 'n1' };

function contextWith(change: ConfigValues = {}, locale: 'en' | 'zh-CN' = 'zh-CN'): PluginContext {
	const given = Object.entries({ ...vendor.config, ...change }).filter(([, value]) => value !== '');
	return {
		...contextFor(plugin, { emulator: vendor, locale }),
		config: plugin.config?.parse(Object.fromEntries(given)) as ConfigValues,
	};
}

/** Clicks a link of DingTalk's page. @returns what comes back to us in the address. */
const click = (link: string, context: PluginContext) => choose(plugin, start, { link, context });
const finish = async (query: Record<string, string>, context: PluginContext) =>
	plugin.redirect?.finish({ redirectUri, query, nonce: 'n1', kept: '' }, context);
const signIn = async (who: string, context = contextWith()) =>
	finish(await click(`Approve as ${who}`, context), context);

/** The code that a page inside DingTalk gets from its client. */
async function clientCode(who: string, corpId = String(vendor.config['corpId'])): Promise<string> {
	const query = new URLSearchParams({ clientId: String(vendor.config['clientId']), corpId, as: who });
	const { code } = (await (await fetch(`${vendor.url}/client/requestAuthCode?${query}`)).json()) as {
		code: string;
	};
	return code;
}
const redeem = async (ticket: string, context = contextWith(), params: Record<string, string> = {}) =>
	plugin.ticket?.redeem({ ticket, params }, context);

const failureOf = (work: Promise<unknown>) => thrownBy(() => work);

const contract = {
	plugin,
	...emulatedBy(vendor),
	refused: { 'a company ID that leaves its path': { ...vendor.config, corpId: '../x' } },
};
const failing = ([name, reason]: [string, VendorFailure['expected']['reason']]): VendorFailure => ({
	name: `${name}: ${reason}`,
	arrange: () => vendor.fail(name),
	expected: { reason },
});

describe('in a browser', () => {
	for (const { name, run } of contractCases({
		...contract,
		call: async (_, context) => finish(await click('Approve as Mei', context), context),
		accept: (answer) => expect(answer).toMatchObject({ subject: 'uMeiDingTalk00001', scope: 'unionid' }),
		failures: (
			[
				['invalidParameter.authCode.notFound', 'refused'],
				['invalidClientIdOrSecret', 'config'],
				['Forbidden.AccessDenied.AccessTokenPermissionDenied', 'config'],
				['Forbidden.AccessDenied.QpsLimitForAppkeyAndApi', 'unavailable'],
				['InvalidAuthentication', 'refused'],
				['ServiceUnavailable', 'unavailable'],
				['down', 'unavailable'],
			] satisfies [string, VendorFailure['expected']['reason']][]
		).map(failing),
	}))
		it(name, run);

	it('asks for a code for this company, and for its name in the answer', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			client_id: vendor.config['clientId'],
			redirect_uri: redirectUri,
			state: start.state,
			response_type: 'code',
			prompt: 'consent',
			scope: 'openid corpid',
			corpId: vendor.config['corpId'],
		});
		expect(url).toContain('scope=openid%20corpid');
		expect(url).not.toContain(String(vendor.config['clientSecret']));
	});

	it('asks for no company where none is set', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith({ corpId: '' }))) ?? { url: '' };
		expect(new URL(url).searchParams.get('scope')).toBe('openid');
		expect(new URL(url).searchParams.has('corpId')).toBe(false);
	});

	it('sends the code and the secret as JSON, then the token in a header', async () => {
		const context = contextWith();
		const query = await click('Approve as Mei', context);
		await finish(query, context);
		const [token, me, ...more] = vendor.calls;
		expect(more).toEqual([]);
		expect(token?.json).toEqual({
			clientId: vendor.config['clientId'],
			clientSecret: vendor.config['clientSecret'],
			code: query['authCode'],
			grantType: 'authorization_code',
		});
		expect(me?.url.search).toBe('');
		expect(me?.headers.get('x-acs-dingtalk-access-token')).toMatch(/^user-/);
	});

	it('gives the unionid, the openid within this app, and the profile', async () => {
		expect(await signIn('Mei')).toEqual({
			subject: 'uMeiDingTalk00001',
			scope: 'unionid',
			also: [{ subject: 'oMeiDingTalk00001', scope: 'openid:dingemulator0client' }],
			profile: {
				name: '梅',
				avatar: 'https://static.example.com/mei.jpg',
				email: 'mei@example.com',
				phone: '+8613800000001',
				phoneVerified: true,
			},
		});
	});

	it('reads foreign numbers, pictures under http, and leaves out what is empty', async () => {
		expect(await signIn('Li')).toMatchObject({
			profile: { avatar: 'https://static.example.com/li.jpg', phone: '+85260000002', email: undefined },
		});
		expect(await signIn('Guest', contextWith({ corpId: '' }))).toMatchObject({
			profile: { name: 'Guest', avatar: undefined, email: undefined },
		});
	});

	it('takes a number as proven from the operator’s own company alone', async () => {
		expect((await signIn('Mei'))?.profile).toMatchObject({ phone: '+8613800000001', phoneVerified: true });
		const open = (await signIn('Mei', contextWith({ corpId: '' })))?.profile;
		expect(open).toMatchObject({ phone: '+8613800000001' });
		expect(open).not.toHaveProperty('phoneVerified');
	});

	it('refuses people of another company, and makes no further calls', async () => {
		await expect(click('Approve as Guest', contextWith())).rejects.toThrow('without a link');
		// A person who removes the company from the address can choose their own company.
		const { url = '' } = (await plugin.redirect?.begin(start, contextWith())) ?? {};
		const anyCompany = new URL(url);
		anyCompany.searchParams.delete('corpId');
		const { searchParams } = await linkAt(anyCompany.href, 'Approve as Guest');
		const query = Object.fromEntries(searchParams);
		expect(await failureOf(finish(query, contextWith()))).toMatchObject({ reason: 'refused' });
		expect(vendor.calls).toHaveLength(1);
	});

	it('refuses an answer that names no company', async () => {
		const query = await click('Approve as Mei', contextWith({ corpId: '' }));
		expect(await failureOf(finish(query, contextWith()))).toMatchObject({ reason: 'refused' });
	});

	it('accepts a code once', async () => {
		const context = contextWith();
		const query = await click('Approve as Mei', context);
		await finish(query, context);
		expect(await failureOf(finish(query, context))).toMatchObject({ reason: 'refused' });
	});

	it('accepts no code from inside DingTalk in a browser, nor the other way round', async () => {
		const context = contextWith();
		expect(await failureOf(finish({ authCode: await clientCode('Mei') }, context))).toMatchObject({
			reason: 'refused',
		});
		const { authCode = '' } = await click('Approve as Mei', context);
		expect(await failureOf(redeem(authCode))).toMatchObject({ reason: 'refused' });
	});

	it('recognises a person who cancelled', async () => {
		const context = contextWith();
		expect(await failureOf(finish(await click('Cancel', context), context))).toMatchObject({
			reason: 'cancelled',
		});
		expect(vendor.calls).toEqual([]);
	});

	it.each([
		[{}, 'cancelled'],
		[{ authCode: '' }, 'cancelled'],
		[{ error: 'invalid_scope' }, 'config'],
		[{ error: 'unauthorized_client' }, 'config'],
		[{ error: 'something_else' }, 'refused'],
		[{ authCode: 'auth-made-up' }, 'refused'],
	])('comes back with %j: %s', async (query, reason) => {
		expect(await failureOf(finish(query as Record<string, string>, contextWith()))).toMatchObject({ reason });
	});

	it('says which permission is missing', async () => {
		vendor.fail('Forbidden.AccessDenied.AccessTokenPermissionDenied');
		expect((await failureOf(signIn('Mei')))?.message).toContain('Contact.User.Read');
	});

	it('with a wrong secret blames the settings', async () => {
		const context = contextWith({ clientSecret: 'not-it' });
		expect(await failureOf(signIn('Mei', context))).toMatchObject({ reason: 'config' });
	});
});

describe('inside DingTalk', () => {
	for (const { name, run } of contractCases({
		...contract,
		call: async (each, context) =>
			each.ticket?.redeem({ ticket: await clientCode('Mei'), params: {} }, context),
		accept: (answer) => expect(answer).toMatchObject({ subject: 'uMeiDingTalk00001', scope: 'unionid' }),
		failures: (
			[
				['invalid.client', 'config'],
				['unauthorized.client', 'config'],
				['-1 busy', 'unavailable'],
				['40078 code unknown or used', 'refused'],
				['88/60020 address not allowed', 'config'],
				['88/60011 no permission', 'config'],
				['88/90018 too many calls', 'unavailable'],
				['60121 no such member', 'refused'],
				['ServiceUnavailable', 'unavailable'],
				['down', 'unavailable'],
			] satisfies [string, VendorFailure['expected']['reason']][]
		).map(failing),
	}))
		it(name, run);

	it("sends the company's token, the code, the member and the language", async () => {
		const ticket = await clientCode('Mei');
		await redeem(ticket);
		const [token, visitor, member, ...more] = vendor.calls;
		expect(more).toEqual([]);
		expect(token?.url.pathname).toBe('/api/v1.0/oauth2/dingcorp0emulator/token');
		expect(token?.json).toEqual({
			client_id: vendor.config['clientId'],
			client_secret: vendor.config['clientSecret'],
			grant_type: 'client_credentials',
		});
		expect(visitor?.url.searchParams.get('access_token')).toMatch(/^corp-/);
		expect(visitor?.json).toEqual({ code: ticket });
		expect(member?.json).toEqual({ userid: 'manager4220', language: 'zh_CN' });
	});

	it("without a company takes the app's own token, and asks in the person's language", async () => {
		expect(await redeem(await clientCode('Mei'), contextWith({ corpId: '' }, 'en'))).toMatchObject({
			subject: 'uMeiDingTalk00001',
		});
		const [token, , member] = vendor.calls;
		expect(token?.url.pathname).toBe('/api/v1.0/oauth2/accessToken');
		expect(token?.json).toEqual({
			appKey: vendor.config['clientId'],
			appSecret: vendor.config['clientSecret'],
		});
		expect(member?.json).toMatchObject({ language: 'en_US' });
	});

	it('is the same person as in a browser', async () => {
		const [inside, browser] = [await redeem(await clientCode('Mei')), await signIn('Mei')];
		expect([inside?.subject, inside?.scope]).toEqual([browser?.subject, browser?.scope]);
	});

	it('gives no userid as a name, since it may pass to another employee', async () => {
		const answer = await redeem(await clientCode('Mei'));
		expect(answer).toEqual({
			subject: 'uMeiDingTalk00001',
			scope: 'unionid',
			profile: {
				name: '梅',
				avatar: 'https://static.example.com/mei.jpg',
				email: 'mei@example.com',
				phone: '+8613800000001',
				phoneVerified: true,
			},
		});
	});

	it('does not count as proven the number of an account that the company made', async () => {
		const answer = await redeem(await clientCode('Li'));
		expect(answer?.profile).toMatchObject({ phone: '+85260000002' });
		expect(answer?.profile).not.toHaveProperty('phoneVerified');
	});

	it('accepts a code once, and none that is made up', async () => {
		const ticket = await clientCode('Mei');
		await redeem(ticket);
		expect(await failureOf(redeem(ticket))).toMatchObject({ reason: 'refused' });
		expect(await failureOf(redeem('app-made-up'))).toMatchObject({ reason: 'refused' });
	});

	it('uses nothing that the client sends beside the code', async () => {
		const params = { unionid: 'uLiDingTalk000002', userid: 'staff7301', corpId: 'dingcorp0other' };
		expect(await redeem(await clientCode('Mei'), contextWith(), params)).toMatchObject({
			subject: 'uMeiDingTalk00001',
		});
	});

	it('blames the settings where the app is not in that company', async () => {
		const failure = await failureOf(
			redeem(await clientCode('Mei'), contextWith({ corpId: 'dingcorp0other' })),
		);
		expect(failure).toMatchObject({ reason: 'config' });
	});
});

/** An answer that no DingTalk gave: what the plugin does with it. */
describe('forged answers', () => {
	const answering = (bodies: Record<string, unknown>): PluginContext => ({
		...contextWith(),
		http: (_, request) =>
			Promise.resolve({
				status: 200,
				headers: {},
				body: new TextEncoder().encode(JSON.stringify(bodies[request?.path ?? ''])),
			}),
	});
	const token = { '/v1.0/oauth2/dingcorp0emulator/token': { access_token: 't' } };
	const info = '/topapi/v2/user/getuserinfo';
	const get = '/topapi/v2/user/get';
	const ok = (result: unknown) => ({ errcode: 0, result });

	it.each([
		['no result', { [info]: { errcode: 0 } }],
		['no errcode', { [info]: { result: { userid: 'a' } } }],
		['an empty userid', { [info]: ok({ userid: '' }) }],
		['no unionid', { [info]: ok({ userid: 'a' }), [get]: ok({ userid: 'a' }) }],
		['another member', { [info]: ok({ userid: 'a' }), [get]: ok({ userid: 'b', unionid: 'u' }) }],
		[
			'another unionid',
			{ [info]: ok({ userid: 'a', unionid: 'u1' }), [get]: ok({ userid: 'a', unionid: 'u2' }) },
		],
	])('with %s counts as unavailable', async (_, bodies) => {
		expect(await failureOf(redeem('c', answering({ ...token, ...bodies })))).toMatchObject({
			reason: 'unavailable',
		});
	});

	it.each([
		['no openId', { unionId: 'u' }],
		['no unionId', { openId: 'o' }],
		['numbers for names', { unionId: 1, openId: 2 }],
	])('about a person with %s counts as unavailable', async (_, me) => {
		const context = answering({
			'/v1.0/oauth2/userAccessToken': { accessToken: 't', corpId: 'dingcorp0emulator' },
			'/v1.0/contact/users/me': me,
		});
		expect(await failureOf(finish({ authCode: 'c' }, context))).toMatchObject({ reason: 'unavailable' });
	});

	it.each([
		[{ mobile: '13800000001' }, undefined],
		[{ mobile: '+1-202-5550100', stateCode: '86' }, '+12025550100'],
		[{ mobile: '138****0001', stateCode: '86' }, undefined],
		[{ mobile: '', stateCode: '86' }, undefined],
		[{ mobile: 5, stateCode: '86' }, undefined],
	])('with the number %j gives %s', async (given, phone) => {
		const context = answering({
			'/v1.0/oauth2/userAccessToken': { accessToken: 't', corpId: 'dingcorp0emulator' },
			'/v1.0/contact/users/me': { unionId: 'u', openId: 'o', nick: '名'.repeat(300), ...given },
		});
		const answer = await finish({ authCode: 'c' }, context);
		expect(answer?.profile?.phone).toBe(phone);
		expect(answer?.profile?.phoneVerified).toBe(phone ? true : undefined);
		expect(answer?.profile?.name).toHaveLength(100);
	});
});

describe('the self-test', () => {
	it('fetches a token, and passes', async () => {
		await plugin.selfTest?.(contextWith());
		expect(vendor.calls.map(({ url }) => url.pathname)).toEqual(['/api/v1.0/oauth2/dingcorp0emulator/token']);
		await plugin.selfTest?.(contextWith({ corpId: '' }));
	});
	it.each([{ clientSecret: 'wrong' }, { clientSecret: 'wrong', corpId: '' }, { corpId: 'dingcorp0other' }])(
		'says that %j does not work',
		async (change) => {
			const failure = await failureOf(
				plugin.selfTest?.(contextWith(change as ConfigValues)) ?? Promise.resolve(),
			);
			expect(failure).toMatchObject({
				reason: 'config',
				message: expect.stringContaining('DingTalk answered') as string,
			});
		},
	);
});
