import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigValues, Plugin, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import { choose } from '../../tests/emulators/consent';
import { startEmulator } from './emulator';
import weibo from './index.server';

const plugin = weibo as Plugin;
const vendor = await startEmulator();
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

const redirectUri = 'https://id.example.com/sign-in/back?x=a+b';
vendor.redirectUris.add(redirectUri);
const start = { redirectUri, state: 's t+a&te', nonce: 'n1' };

const contextWith = (config: ConfigValues = {}) =>
	contextFor(plugin, { emulator: vendor, config, locale: 'zh-CN' });

/** Clicks a link of Weibo's page. @returns what comes back to us in the address. */
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
	'21322 redirect_uri_mismatch': { reason: 'config' },
	'21323 invalid_request': { reason: 'unavailable' },
	'21324 invalid_client': { reason: 'config' },
	'21325 invalid_grant': { reason: 'refused' },
	'21326 unauthorized_client': { reason: 'config' },
	'21331 temporarily_unavailable': { reason: 'unavailable' },
	'21327 expired_token': { reason: 'refused' },
	'another application': { reason: 'refused' },
	'a token run out': { reason: 'refused' },
	'21332 invalid_access_token': { reason: 'refused' },
	'10014 Insufficient app permissions!': { reason: 'config' },
	'10023 User requests out of rate limit!': { reason: 'unavailable' },
	'20003 User does not exists!': { reason: 'refused' },
	'10002 Service unavailable!': { reason: 'unavailable' },
	down: { reason: 'unavailable' },
};

describe('weibo', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(vendor, failures),
		call: async (_, context) => finish(await click('Approve as Mei', context), context),
		accept: (answer) => expect(answer).toMatchObject({ subject: '1404376560', scope: 'user' }),
	}))
		it(name, run);

	it('asks for a code', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			client_id: '1073880650',
			response_type: 'code',
			redirect_uri: redirectUri,
			state: start.state,
		});
		expect(url).not.toContain(String(vendor.config['appSecret']));
	});

	it('posts code and secret, asks what the token is for, then for the profile', async () => {
		const query = await click('Approve as Mei');
		await finish(query);
		const [token, info, user, ...more] = vendor.calls;
		expect(more).toEqual([]);
		expect(Object.fromEntries(token?.form ?? [])).toEqual({
			client_id: '1073880650',
			client_secret: vendor.config['appSecret'],
			grant_type: 'authorization_code',
			code: query['code'],
			redirect_uri: redirectUri,
		});
		const access_token = expect.stringMatching(/^2\.00/) as string;
		expect(Object.fromEntries(info?.form ?? [])).toEqual({ access_token });
		expect(Object.fromEntries(user?.url.searchParams ?? [])).toEqual({ access_token, uid: '1404376560' });
		expect([token?.url.search, info?.url.search]).toEqual(['', '']);
	});

	it('gives the number of the person, and the profile', async () => {
		expect(await signIn('Mei')).toEqual({
			subject: '1404376560',
			scope: 'user',
			profile: { name: '梅', avatar: 'https://tp1.example.com/mei/180/1' },
		});
		expect(await signIn('Li')).toEqual({
			subject: '5012345678',
			scope: 'user',
			profile: { name: '李', avatar: 'https://tp1.example.com/li/50/1' },
		});
	});

	it('accepts a code once, for the address it was given to', async () => {
		const query = await click('Approve as Mei');
		expect(await failureOf(finish(query, contextWith(), 'https://id.example.com/other'))).toMatchObject({
			reason: 'config',
		});
		await finish(query);
		expect(await failureOf(finish(query))).toMatchObject({ reason: 'refused' });
		expect(await failureOf(finish({ code: 'made-up' }))).toMatchObject({ reason: 'refused' });
	});

	it('makes no further call for a token of another application', async () => {
		vendor.fail('another application');
		await failureOf(signIn('Mei'));
		expect(vendor.calls.map(({ url }) => url.pathname)).toEqual([
			'/oauth2/access_token',
			'/oauth2/get_token_info',
		]);
	});

	it('recognises a person who cancelled', async () => {
		expect(await failureOf(finish(await click('Cancel')))).toMatchObject({ reason: 'cancelled' });
		expect(vendor.calls).toEqual([]);
	});

	it.each([
		[{}, 'cancelled'],
		[{ code: '' }, 'cancelled'],
		[{ error: 'access_denied' }, 'cancelled'],
		[{ error: 'redirect_uri_mismatch', error_code: '21322' }, 'config'],
		[{ error: 'invalid_client', error_code: '21324' }, 'config'],
		[{ error: 'temporarily_unavailable', error_code: '21331' }, 'unavailable'],
		[{ error: 'something', error_code: 'else' }, 'unavailable'],
	])('comes back with %j: %s', async (query, reason) => {
		expect(await failureOf(finish(query as Record<string, string>))).toMatchObject({ reason });
		expect(vendor.calls).toEqual([]);
	});
});

/** Forged answers. */
describe('what is answered', () => {
	const good = {
		'/oauth2/access_token': { access_token: 'T', uid: '666' },
		'/oauth2/get_token_info': { uid: 7, appkey: '1073880650', expire_in: 5 },
		'/2/users/show.json': { id: 7, idstr: '7', screen_name: 'N' },
	};
	const answering = (change: Record<string, unknown>, status = 200): PluginContext => ({
		...contextWith(),
		http: (_, request) => {
			const body = { ...good, ...change }[request?.path ?? ''];
			return Promise.resolve({ status, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) });
		},
	});

	it('takes the owner from the token, not from the uid beside it', async () => {
		expect(await finish({ code: 'C' }, answering({}))).toMatchObject({ subject: '7', scope: 'user' });
	});

	it.each([
		['/oauth2/access_token', {}, 'unavailable'],
		['/oauth2/access_token', { access_token: '' }, 'unavailable'],
		['/oauth2/access_token', [], 'unavailable'],
		['/oauth2/access_token', { error_code: 21325, access_token: 'T' }, 'refused'],
		['/oauth2/get_token_info', { uid: 7, expire_in: 5 }, 'unavailable'],
		['/oauth2/get_token_info', { appkey: '1073880650', expire_in: 5 }, 'unavailable'],
		['/oauth2/get_token_info', { uid: '', appkey: '1073880650', expire_in: 5 }, 'unavailable'],
		['/oauth2/get_token_info', { uid: 1e21, appkey: '1073880650', expire_in: 5 }, 'unavailable'],
		['/oauth2/get_token_info', { uid: 7, appkey: '1073880650' }, 'unavailable'],
		['/oauth2/get_token_info', { uid: 7, appkey: '1073880650', expire_in: 0 }, 'refused'],
		['/oauth2/get_token_info', { uid: 7, appkey: '107388065', expire_in: 5 }, 'refused'],
		['/2/users/show.json', { id: 8, idstr: '8' }, 'unavailable'],
		['/2/users/show.json', { screen_name: 'N' }, 'unavailable'],
	])('%s with %j: %s', async (path, body, reason) => {
		expect(await failureOf(finish({ code: 'C' }, answering({ [path]: body })))).toMatchObject({ reason });
	});

	it('takes an App Key as a number too', async () => {
		const info = { uid: '7', appkey: 1073880650, expire_in: '5' };
		expect(await finish({ code: 'C' }, answering({ '/oauth2/get_token_info': info }))).toMatchObject({
			subject: '7',
		});
	});

	it('counts a status of 400 without a code as unavailable', async () => {
		expect(await failureOf(finish({ code: 'C' }, answering({}, 400)))).toMatchObject({
			reason: 'unavailable',
		});
	});

	it('cuts long names, and leaves out invalid pictures', async () => {
		const user = { idstr: '7', screen_name: '名'.repeat(300), avatar_large: 'data:x', profile_image_url: 3 };
		const { profile } = (await finish({ code: 'C' }, answering({ '/2/users/show.json': user }))) ?? {};
		expect(profile).toEqual({ name: '名'.repeat(100), avatar: undefined });
	});
});

describe('the self-test', () => {
	const selfTest = async (context: PluginContext) => plugin.selfTest?.(context);
	it('tries a code that was never issued, and asks nothing else', async () => {
		await selfTest(contextWith());
		expect(vendor.calls.map(({ url }) => url.pathname)).toEqual(['/oauth2/access_token']);
	});
	it('passes where Weibo looks at the address first', async () => {
		vendor.fail('21322 redirect_uri_mismatch');
		await selfTest(contextWith());
	});
	it.each<ConfigValues>([{ appKey: '999' }, { appSecret: 'wrong' }])('finds %j', async (change) => {
		expect(await failureOf(selfTest(contextWith(change)))).toMatchObject({
			reason: 'config',
		});
	});
	it('reports that Weibo is down', async () => {
		vendor.fail('down');
		expect(await failureOf(selfTest(contextWith()))).toMatchObject({ reason: 'unavailable' });
	});
});
