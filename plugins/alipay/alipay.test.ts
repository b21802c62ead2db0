import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigValues, HttpRequest, Plugin, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import { choose } from '../../tests/emulators/consent';
import { startEmulator } from './emulator';
import alipay from './index.server';

const plugin = alipay as Plugin;
const vendor = await startEmulator();
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

const redirectUri = 'https://id.example.com/sign-in/back?x=a+b';
vendor.redirectUris.add(redirectUri);
const start = { redirectUri, state: 'state-of-a-sign-in', nonce: 'n1' };
const { separateMini: _1, miniAppId: _2, miniPrivateKey: _3, miniAlipayKey: _4, ...webOnly } = vendor.config;
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangerKey = stranger.publicKey.export({ format: 'pem', type: 'spki' }) as string;

function contextWith(change: ConfigValues = {}, config: ConfigValues = vendor.config): PluginContext {
	return {
		...contextFor(plugin, { emulator: vendor, now: Date.UTC(2026, 0, 31, 20, 5, 6), locale: 'zh-CN' }),
		config: plugin.config?.parse({ ...config, ...change }) as ConfigValues,
	};
}

/** Clicks a link of Alipay's page. @returns what comes back to us in the address. */
const click = (link: string, context: PluginContext) => choose(plugin, start, { link, context });
const finish = async (query: Record<string, string>, context = contextWith()) =>
	plugin.redirect?.finish({ redirectUri, query, nonce: 'n1', kept: '' }, context);
const signIn = async (who: string, context = contextWith()) =>
	finish(await click(`Approve as ${who}`, context), context);

async function miniCode(who: string, appId = vendor.config['miniAppId']): Promise<string> {
	const answer = await fetch(`${vendor.url}/client/getAuthCode?appId=${String(appId)}&as=${who}`);
	return ((await answer.json()) as { authCode: string }).authCode;
}
const redeem = async (ticket: string, context = contextWith(), params: Record<string, string> = {}) =>
	plugin.ticket?.redeem({ ticket, params }, context);

const failureOf = (work: Promise<unknown>) => thrownBy(() => work);

const contract = {
	plugin,
	...emulatedBy(vendor),
	refused: {
		'an invalid private key': { ...vendor.config, privateKey: 'MIIEvQ' },
		'a public key in place of the private one': { ...vendor.config, privateKey: vendor.config['alipayKey'] },
		'a private key in place of the public one': { ...vendor.config, alipayKey: vendor.config['privateKey'] },
		"one's own public key in place of Alipay's": {
			...vendor.config,
			privateKey: stranger.privateKey.export({ format: 'pem', type: 'pkcs8' }),
			alipayKey: strangerKey,
		},
		'a key that is too short': {
			...vendor.config,
			privateKey: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
				format: 'pem',
				type: 'pkcs8',
			}),
		},
		'a key of another kind': {
			...vendor.config,
			privateKey: generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }),
		},
		'an unknown scope': { ...vendor.config, scope: 'everything' },
		'a mini program without its key': { ...vendor.config, miniPrivateKey: undefined },
	},
};
const failing = ([name, reason]: [string, VendorFailure['expected']['reason']]): VendorFailure => ({
	name: `${name}: ${reason}`,
	arrange: () => vendor.fail(name),
	expected: { reason },
});
const ofTheGateway: [string, VendorFailure['expected']['reason']][] = [
	['isv.code-invalid', 'refused'],
	['isv.invalid-signature', 'config'],
	['isv.invalid-app-id', 'config'],
	['isv.missing-signature-key', 'config'],
	['isp.unknow-error', 'unavailable'],
	['down', 'unavailable'],
];

describe('in a browser', () => {
	for (const { name, run } of contractCases({
		...contract,
		call: async (_, context) => finish(await click('Approve as Mei', context), context),
		accept: (answer) => expect(answer).toMatchObject({ scope: 'openid:2021000000000001' }),
		failures: [
			...ofTheGateway,
			['aop.invalid-auth-token', 'refused'] as const,
			['isv.insufficient-isv-permissions', 'config'] as const,
		].map(([name, reason]) => failing([name, reason])),
	}))
		it(name, run);

	it('asks for a code', async () => {
		const { url } = (await plugin.redirect?.begin(start, contextWith())) ?? { url: '' };
		expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
			app_id: '2021000000000001',
			scope: 'auth_user',
			redirect_uri: redirectUri,
			state: start.state,
		});
		expect(new URL(url).pathname).toBe('/oauth2/publicAppAuthorize.htm');
	});

	it('sends every parameter, signed over the sorted unencoded text, in the time of China', async () => {
		const context = contextWith();
		const query = await click('Approve as Mei', context);
		await finish(query, context);
		const [token, info, ...more] = vendor.calls.map(({ form }) => Object.fromEntries(form));
		expect(more).toEqual([]);
		const frame = {
			app_id: '2021000000000001',
			format: 'JSON',
			charset: 'utf-8',
			sign_type: 'RSA2',
			version: '1.0',
			timestamp: '2026-02-01 04:05:06',
		};
		const { sign: signature = '', ...sent } = token ?? {};
		expect(sent).toEqual({
			...frame,
			method: 'alipay.system.oauth.token',
			grant_type: 'authorization_code',
			code: query['auth_code'],
		});
		const text =
			`app_id=2021000000000001&charset=utf-8&code=${query['auth_code']}&format=JSON&grant_type=authorization_code` +
			'&method=alipay.system.oauth.token&sign_type=RSA2&timestamp=2026-02-01 04:05:06&version=1.0';
		const own = createPublicKey({
			key: Buffer.from(String(vendor.config['privateKey']), 'base64'),
			format: 'der',
			type: 'pkcs8',
		} as never);
		expect(verify('RSA-SHA256', Buffer.from(text), own, Buffer.from(signature, 'base64'))).toBe(true);
		expect(info).toMatchObject({
			...frame,
			method: 'alipay.user.info.share',
			auth_token: expect.any(String) as string,
		});
		expect(vendor.calls.map(({ url }) => url.search)).toEqual(['', '']);
	});

	it('gives the open_id within this application, and the union_id beside it', async () => {
		expect(await signIn('Mei')).toEqual({
			subject: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5',
			scope: 'openid:2021000000000001',
			also: [{ subject: 'union-mei-000001', scope: 'unionid' }],
			profile: { name: '梅', avatar: 'https://tfs.example.com/images/partner/mei' },
		});
	});

	it('gives the user_id where there is no open_id', async () => {
		expect(await signIn('Li')).toEqual({
			subject: '2088102150477652',
			scope: 'user',
			also: [],
			profile: { name: '李', avatar: 'https://tfs.example.com/images/partner/li' },
		});
	});

	it('asks for no profile with auth_base', async () => {
		const answer = await signIn('Mei', contextWith({ scope: 'auth_base' }));
		expect(answer?.profile).toEqual({});
		expect(vendor.calls).toHaveLength(1);
	});

	it('takes keys in PEM as well, PKCS#1 and PKCS#8, whatever the line breaks', async () => {
		const wrapped = (label: string, key: unknown) =>
			`-----BEGIN ${label}-----\r\n${String(key).replace(/(.{64})/g, '$1\r\n')}\r\n-----END ${label}-----\r\n`;
		const context = contextWith({
			privateKey: wrapped('PRIVATE KEY', vendor.config['privateKey']),
			alipayKey: wrapped('PUBLIC KEY', vendor.config['alipayKey']),
			miniPrivateKey: wrapped('RSA PRIVATE KEY', vendor.config['miniPrivateKey']),
		});
		expect(await signIn('Mei', context)).toMatchObject({ scope: 'openid:2021000000000001' });
		expect(await redeem(await miniCode('Mei'), context)).toMatchObject({ scope: 'openid:2021000000000002' });
	});

	it('accepts a code once, and none of the mini program', async () => {
		const query = await click('Approve as Mei', contextWith());
		await finish(query);
		expect(await failureOf(finish(query))).toMatchObject({ reason: 'refused' });
		expect(await failureOf(finish({ auth_code: await miniCode('Mei') }))).toMatchObject({
			reason: 'refused',
		});
		expect(await failureOf(finish({ auth_code: 'made-up' }))).toMatchObject({ reason: 'refused' });
	});

	it('recognises a person who cancelled', async () => {
		expect(await failureOf(finish(await click('Cancel', contextWith())))).toMatchObject({
			reason: 'cancelled',
		});
		expect(await failureOf(finish({ auth_code: '' }))).toMatchObject({ reason: 'cancelled' });
		expect(vendor.calls).toEqual([]);
	});
});

describe('from a mini program', () => {
	for (const { name, run } of contractCases({
		...contract,
		call: async (each, context) =>
			each.ticket?.redeem({ ticket: await miniCode('Mei'), params: {} }, context),
		accept: (answer) => expect(answer).toMatchObject({ scope: 'openid:2021000000000002' }),
		failures: ofTheGateway.map(failing),
	}))
		it(name, run);

	it("redeems in the mini program's name, which shares the union_id with the web", async () => {
		const answer = await redeem(await miniCode('Mei'));
		expect(vendor.calls[0]?.form.get('app_id')).toBe('2021000000000002');
		expect(vendor.calls).toHaveLength(1);
		expect(answer).toEqual({
			subject: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5',
			scope: 'openid:2021000000000002',
			also: [{ subject: 'union-mei-000001', scope: 'unionid' }],
		});
		expect((await signIn('Mei'))?.also).toEqual(answer?.also);
	});

	it('redeems in the web application’s name, without one of its own', async () => {
		const context = contextWith({}, webOnly);
		const ticket = await miniCode('Li', webOnly['appId']);
		expect(await redeem(ticket, context)).toMatchObject({ subject: '2088102150477652', scope: 'user' });
	});

	it('accepts a code once, and none of another application', async () => {
		const ticket = await miniCode('Mei');
		await redeem(ticket);
		expect(await failureOf(redeem(ticket))).toMatchObject({ reason: 'refused' });
		const foreign = await miniCode('Mei', vendor.config['appId']);
		expect(await failureOf(redeem(foreign))).toMatchObject({ reason: 'refused' });
	});

	it('uses nothing that the client sends beside the code', async () => {
		const params = { user_id: '2088102150477652', open_id: 'x', appId: 'y' };
		expect(await redeem(await miniCode('Mei'), contextWith(), params)).toMatchObject({
			subject: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5',
		});
	});
});

/** Answers written here, signed or not by the key that the settings trust. */
describe('the signature of an answer', () => {
	const token = 'alipay_system_oauth_token_response';
	const share = 'alipay_user_info_share_response';
	const signed = (raw: string, key = stranger.privateKey) =>
		sign('RSA-SHA256', Buffer.from(raw), key).toString('base64');
	const answering = (answer: (request: HttpRequest) => string): PluginContext => ({
		...contextWith({ alipayKey: strangerKey, scope: 'auth_base', separateMini: false }),
		http: (_, request = {}) =>
			Promise.resolve({ status: 200, headers: {}, body: new TextEncoder().encode(answer(request)) }),
	});
	const body = '{ "user_id" : "2088\\/1",  "access_token":"t", "note":"中文}" }';
	const other = '{"user_id":"2088/2","access_token":"t"}';

	it('holds over the node exactly as it is written, wherever it is', async () => {
		const first = `{"${token}":${body},"sign":"${signed(body)}"}`;
		const last = `{ "sign" : "${signed(body)}", "alipay_cert_sn":"x", "${token}" : ${body} }`;
		for (const text of [first, last])
			expect(
				await redeem(
					'c',
					answering(() => text),
				),
			).toMatchObject({ subject: '2088/1', scope: 'user' });
	});

	it.each([
		['none', `{"${token}":${body}}`, 'unavailable'],
		['an empty one', `{"${token}":${body},"sign":""}`, 'unavailable'],
		['a number', `{"${token}":${body},"sign":1}`, 'unavailable'],
		['of another text', `{"${token}":${other},"sign":"${signed(body)}"}`, 'config'],
		[
			'of the same content written otherwise',
			`{"${token}":${JSON.stringify(JSON.parse(body))},"sign":"${signed(body)}"}`,
			'config',
		],
		[
			'of another key',
			`{"${token}":${body},"sign":"${signed(body, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)}"}`,
			'config',
		],
		['nonsense', `{"${token}":${body},"sign":"%%%"}`, 'config'],
		[
			'over one of two nodes',
			`{"${token}":${body},"${token}":${other},"sign":"${signed(body)}"}`,
			'unavailable',
		],
		['over another method', `{"${share}":${body},"sign":"${signed(body)}"}`, 'unavailable'],
		['inside the node', `{"x":{"${token}":${body}},"sign":"${signed(body)}"}`, 'unavailable'],
		['on no object', `{"${token}":"text","sign":"${signed('"text"')}"}`, 'unavailable'],
		['on nothing', '{}', 'unavailable'],
		['on a list', '[]', 'unavailable'],
	])('%s signs no one in', async (_, text, reason) => {
		expect(
			await failureOf(
				redeem(
					'c',
					answering(() => text),
				),
			),
		).toMatchObject({ reason });
	});

	it.each([
		['names nobody', '{"access_token":"t"}'],
		['names a union_id alone, which belongs to no application', '{"access_token":"t","union_id":"u"}'],
		['has no token', '{"user_id":"2088"}'],
		['names nobody in particular', '{"access_token":"t","user_id":""}'],
		['names a number', '{"access_token":"t","user_id":2088}'],
	])('does not help an answer that %s', async (_, raw) => {
		const text = `{"${token}":${raw},"sign":"${signed(raw)}"}`;
		expect(
			await failureOf(
				redeem(
					'c',
					answering(() => text),
				),
			),
		).toMatchObject({ reason: 'unavailable' });
	});

	it('with open_id, user_id and union_id gives all three', async () => {
		const raw = '{"access_token":"t","user_id":"2088","open_id":"o","union_id":"u"}';
		expect(
			await redeem(
				'c',
				answering(() => `{"${token}":${raw},"sign":"${signed(raw)}"}`),
			),
		).toEqual({
			subject: 'o',
			scope: 'openid:2021000000000001',
			also: [
				{ subject: '2088', scope: 'user' },
				{ subject: 'u', scope: 'unionid' },
			],
		});
	});

	it('refuses a profile of another person, and cuts a long name', async () => {
		const withInfo = (info: string) => {
			const context = answering(({ form }) => {
				const raw =
					form?.['method'] === 'alipay.user.info.share' ? info : '{"access_token":"t","user_id":"2088"}';
				const node = form?.['method'] === 'alipay.user.info.share' ? share : token;
				return `{"${node}":${raw},"sign":"${signed(raw)}"}`;
			});
			const change = { alipayKey: strangerKey, separateMini: false };
			return { ...context, config: contextWith(change).config };
		};
		const foreign = withInfo('{"code":"10000","user_id":"2089","nick_name":"x"}');
		expect(await failureOf(finish({ auth_code: 'c' }, foreign))).toMatchObject({ reason: 'unavailable' });
		const long = withInfo(
			JSON.stringify({ code: '10000', user_id: '2088', nick_name: '名'.repeat(300), avatar: 'ftp:x' }),
		);
		expect(await finish({ auth_code: 'c' }, long)).toMatchObject({
			profile: { name: '名'.repeat(100), avatar: undefined },
		});
	});

	it('that fits another key is reported to the operator as such', async () => {
		const context = contextWith({ alipayKey: strangerKey });
		const failure = await failureOf(signIn('Mei', context));
		expect(failure).toMatchObject({
			reason: 'config',
			message: expect.stringContaining('Alipay public key') as string,
		});
	});
});

describe('the self-test', () => {
	const selfTest = async (context: PluginContext) => plugin.selfTest?.(context);
	it('tries a code that was never issued, for each application', async () => {
		await selfTest(contextWith());
		expect(vendor.calls.map(({ form }) => form.get('app_id'))).toEqual([
			'2021000000000001',
			'2021000000000002',
		]);
		vendor.reset();
		await selfTest(contextWith({}, webOnly));
		expect(vendor.calls).toHaveLength(1);
	});
	it.each([
		['an unknown application', { appId: '2021000000000009' }],
		[
			'a private key that Alipay does not know',
			{ privateKey: stranger.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string },
		],
		['a wrong public key of Alipay', { alipayKey: strangerKey }],
		['a wrong mini program', { miniAppId: '2021000000000009' }],
	])('finds %s', async (_, change) => {
		expect(await failureOf(selfTest(contextWith(change)))).toMatchObject({ reason: 'config' });
	});
	it('reports that Alipay is down', async () => {
		vendor.fail('down');
		expect(await failureOf(selfTest(contextWith()))).toMatchObject({ reason: 'unavailable' });
	});
});
