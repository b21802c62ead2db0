/** Alipay on this machine: the web authorization page, the codes of mini programs, and the signed gateway. */
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import {
	approvePage,
	isRegistered,
	startVendor,
	type EmulatedAnswer,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { GivenOut } from '../../tests/emulators/given-out';

const codeLifeMs = 86_400_000;

/** Mei has the names that new applications get, Li the one of older ones. */
const people = {
	Mei: { open_id: '074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5', union_id: 'union-mei-000001' },
	Li: { user_id: '2088102150477652' },
} as const;
type Name = keyof typeof people;

const cards = {
	Mei: { nick_name: '梅', avatar: 'https://tfs.example.com/images/partner/mei' },
	Li: { nick_name: '李', avatar: 'http://tfs.example.com/images/partner/li' },
} as const;

interface Given {
	name: Name;
	appId: string;
	scope: string;
}

/** An application with the public key it uploaded. */
interface Application {
	appId: string;
	publicKey: KeyObject;
}

const bare = (key: KeyObject, type: 'pkcs1' | 'pkcs8' | 'spki') =>
	(key.export({ format: 'der', type } as { format: 'der'; type: 'pkcs8' }) as Buffer).toString('base64');
const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });

const errors = {
	code: { code: '40002', msg: 'Invalid Arguments', sub_code: 'isv.code-invalid', sub_msg: '授权码code无效' },
	signature: {
		code: '40002',
		msg: 'Invalid Arguments',
		sub_code: 'isv.invalid-signature',
		sub_msg: '无效签名',
	},
	appId: {
		code: '40002',
		msg: 'Invalid Arguments',
		sub_code: 'isv.invalid-app-id',
		sub_msg: '无效的AppID参数',
	},
	key: {
		code: '40001',
		msg: 'Missing Required Arguments',
		sub_code: 'isv.missing-signature-key',
		sub_msg: '缺少签名配置',
	},
	timestamp: {
		code: '40002',
		msg: 'Invalid Arguments',
		sub_code: 'isv.invalid-timestamp',
		sub_msg: '非法的时间戳参数',
	},
	method: {
		code: '40002',
		msg: 'Invalid Arguments',
		sub_code: 'isv.invalid-method',
		sub_msg: '不存在的方法名',
	},
	grant: {
		code: '40002',
		msg: 'Invalid Arguments',
		sub_code: 'isv.grant-type-invalid',
		sub_msg: 'grant_type参数不正确',
	},
	token: {
		code: '20001',
		msg: 'Insufficient Token Permissions',
		sub_code: 'aop.invalid-auth-token',
		sub_msg: '无效的访问令牌',
	},
	permission: {
		code: '40006',
		msg: 'Insufficient Permissions',
		sub_code: 'isv.insufficient-isv-permissions',
		sub_msg: 'ISV权限不足',
	},
	busy: {
		code: '20000',
		msg: 'Service Currently Unavailable',
		sub_code: 'isp.unknow-error',
		sub_msg: '系统繁忙',
	},
} as const;

class Alipay {
	readonly #key = pair();
	readonly #web = pair();
	readonly #mini = pair();
	readonly #given = new GivenOut<Given>(codeLifeMs);
	readonly config = {
		appId: '2021000000000001',
		privateKey: bare(this.#web.privateKey, 'pkcs8'),
		alipayKey: bare(this.#key.publicKey, 'spki'),
		scope: 'auth_user',
		separateMini: true,
		miniAppId: '2021000000000002',
		miniPrivateKey: bare(this.#mini.privateKey, 'pkcs1'),
		miniAlipayKey: bare(this.#key.publicKey, 'spki'),
	};
	readonly #applications: readonly Application[] = [
		{ appId: this.config.appId, publicKey: createPublicKey(this.#web.privateKey) },
		{ appId: this.config.miniAppId, publicKey: createPublicKey(this.#mini.privateKey) },
	];

	#take(text: string | null, appId: string | null): Given | undefined {
		return this.#given.take(text ?? '', (given) => given.appId === appId);
	}
	forget(): void {
		this.#given.forget();
	}

	/** An answer as Alipay writes it: slashes escaped, the node signed as it is written. */
	answer(node: string, content: object): Response {
		const raw = JSON.stringify(content).replaceAll('/', '\\/');
		const signature = sign('RSA-SHA256', Buffer.from(raw), this.#key.privateKey).toString('base64');
		return new Response(`{"${node}":${raw},"sign":"${signature}"}`, {
			headers: { 'content-type': 'text/html;charset=utf-8' },
		});
	}
	refuse(error: object): Response {
		return this.answer('error_response', error);
	}

	authorizePage(call: EmulatedCall): Response {
		const {
			app_id = '',
			scope = '',
			redirect_uri = '',
			state = '',
		} = Object.fromEntries(call.url.searchParams);
		const known = app_id === this.config.appId && ['auth_user', 'auth_base'].includes(scope);
		if (!known || !isRegistered(call) || state.length > 100)
			return new Response('授权异常：应用、授权范围或回调地址有误', { status: 400 });
		const back = (query: Record<string, string>) => {
			const to = new URL(redirect_uri);
			for (const [key, value] of Object.entries({ app_id, source: 'alipay_wallet', ...query, state }))
				to.searchParams.append(key, value);
			return to;
		};
		const approved = (name: Name) =>
			back({ scope, auth_code: this.#given.give({ name, appId: app_id, scope }) });
		return approvePage(
			'Alipay',
			(Object.keys(people) as Name[]).map((name) => ({ name, approved: approved(name) })),
			back({}),
		);
	}

	/** What `my.getAuthCode` gives a mini program: `?appId=…&as=Mei` */
	miniCode({ url }: EmulatedCall): Response {
		const appId = url.searchParams.get('appId') ?? '';
		const name = (url.searchParams.get('as') ?? 'Mei') as Name;
		if (!this.#applications.some((each) => each.appId === appId) || !(name in people))
			return Response.json({ error: 11 }, { status: 400 });
		return Response.json({ authCode: this.#given.give({ name, appId, scope: 'auth_base' }) });
	}

	/** Faults in the frame of a call, checked before its method. */
	#frameError({ form }: EmulatedCall): object | undefined {
		const application = this.#applications.find(({ appId }) => appId === form.get('app_id'));
		if (!application) return errors.appId;
		const text = [...form]
			.filter(([name]) => name !== 'sign')
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, value]) => `${name}=${value}`)
			.join('&');
		const signature = Buffer.from(form.get('sign') ?? '', 'base64');
		const signed = verify('RSA-SHA256', Buffer.from(text), application.publicKey, signature);
		if (!signed || form.get('sign_type') !== 'RSA2') return errors.signature;
		if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(form.get('timestamp') ?? '')) return errors.timestamp;
		const usual = { format: 'JSON', charset: 'utf-8', version: '1.0' };
		return Object.entries(usual).every(([name, value]) => form.get(name) === value)
			? undefined
			: errors.method;
	}

	gateway(call: EmulatedCall): Response {
		const wrong = this.#frameError(call);
		if (wrong) return this.refuse(wrong);
		const method = call.form.get('method');
		if (method === 'alipay.system.oauth.token') return this.#token(call);
		return method === 'alipay.user.info.share' ? this.#info(call) : this.refuse(errors.method);
	}

	#token({ form }: EmulatedCall): Response {
		if (form.get('grant_type') !== 'authorization_code') return this.refuse(errors.grant);
		const given = this.#take(form.get('code'), form.get('app_id'));
		if (!given) return this.refuse(errors.code);
		return this.answer('alipay_system_oauth_token_response', {
			access_token: this.#given.give(given),
			auth_start: '2026-01-01 08:00:00',
			expires_in: 1_296_000,
			re_expires_in: 2_592_000,
			refresh_token: randomBytes(16).toString('hex'),
			...people[given.name],
		});
	}

	#info({ form }: EmulatedCall): Response {
		const node = 'alipay_user_info_share_response';
		const given = this.#take(form.get('auth_token'), form.get('app_id'));
		if (!given) return this.answer(node, errors.token);
		if (given.scope !== 'auth_user') return this.answer(node, errors.permission);
		return this.answer(node, { code: '10000', msg: 'Success', ...cards[given.name], ...people[given.name] });
	}
}

const gatewayRoute = 'POST /gateway.do';

function failuresOf(alipay: Alipay): Record<string, EmulatedFailure> {
	const onInfo = (answer: EmulatedAnswer): EmulatedAnswer => {
		return (call) =>
			call.form.get('method') === 'alipay.user.info.share' ? answer(call) : alipay.gateway(call);
	};
	const refusing = (error: object): EmulatedFailure => ({
		at: gatewayRoute,
		answer: () => alipay.refuse(error),
	});
	const info = (error: object): EmulatedFailure => ({
		at: gatewayRoute,
		answer: onInfo(() => alipay.answer('alipay_user_info_share_response', error)),
	});
	return {
		'isv.code-invalid': refusing(errors.code),
		'isv.invalid-signature': refusing(errors.signature),
		'isv.invalid-app-id': refusing(errors.appId),
		'isv.missing-signature-key': {
			at: gatewayRoute,
			// Without the application's key the answer cannot be signed.
			answer: () => Response.json({ error_response: errors.key }),
		},
		'isp.unknow-error': refusing(errors.busy),
		'aop.invalid-auth-token': info(errors.token),
		'isv.insufficient-isv-permissions': info(errors.permission),
	};
}

export function startEmulator(port?: number): Promise<Emulator> {
	const alipay = new Alipay();
	const pages = ['GET /oauth2/publicAppAuthorize.htm', 'GET /client/getAuthCode'] as const;
	return startVendor(
		{
			routes: {
				[pages[0]]: (call) => alipay.authorizePage(call),
				[pages[1]]: (call) => alipay.miniCode(call),
				[gatewayRoute]: (call) => alipay.gateway(call),
			},
			pages,
			failures: failuresOf(alipay),
			endpoints: { authorize: '/oauth2/publicAppAuthorize.htm', gateway: '' },
			config: alipay.config,
			forget: () => alipay.forget(),
		},
		port,
	);
}
