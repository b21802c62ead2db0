/** QQ Connect on this machine: the sign-in page, tokens, openids and the small profile. */
import { randomBytes } from 'node:crypto';
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

const config = { appId: '101000001', appKey: 'canary-qq-app-key' };
const codeLifeMs = 600_000;

const people = {
	Mei: { openid: 'B624064BA065E01CB73F835017FE96FA', unionid: 'UID_MEI00000000000000000000000001' },
	Li: { openid: 'A1F2064BA065E01CB73F835017FE9601', unionid: 'UID_LI000000000000000000000000002' },
} as const;
type Name = keyof typeof people;

const cards = {
	Mei: {
		nickname: '梅',
		gender: '女',
		figureurl_qq_1: 'http://thirdqq.example.com/mei/40',
		figureurl_qq_2: 'http://thirdqq.example.com/mei/100',
	},
	Li: {
		nickname: '李',
		gender: '男',
		figureurl_qq_1: 'https://thirdqq.example.com/li/40',
		figureurl_qq_2: '',
	},
} as const;

const messages: Readonly<Record<number, string>> = {
	100001: 'param client_id is wrong or lost',
	100004: 'param grant_type is wrong or lost',
	100009: 'client_secret is wrong',
	100008: 'client_id is illegal',
	100010: 'redirect uri is illegal',
	100011: 'app is not online',
	100013: 'access token is illegal',
	100016: 'access token check failed',
	100019: 'code to access token error',
	100020: 'code is reused error',
	100030: 'the user has not authorised this api',
	100048: 'no permission to get unionid',
	100021: 'get access token error',
};

/** As `fmt=json` has it, or as JSONP. Both come as text. */
function written(call: EmulatedCall, body: object): Response {
	const text = JSON.stringify(body);
	const json = call.url.searchParams.get('fmt') === 'json';
	return new Response(json ? text : `callback( ${text} );\n`, { headers: { 'content-type': 'text/html' } });
}
const failed =
	(error: number): EmulatedAnswer =>
	(call) =>
		written(call, { error, error_description: messages[error] ?? 'error' });
/** `/user/…` has its own form of answer. */
const infoFailed =
	(ret: number, msg: string): EmulatedAnswer =>
	() =>
		Response.json({ ret, msg });

interface Given {
	name: Name;
	redirectUri: string;
}

class Qq {
	readonly #codes = new GivenOut<Given>(codeLifeMs);
	readonly #tokens = new Map<string, Name>();
	forget(): void {
		this.#codes.forget();
		this.#tokens.clear();
	}

	authorizePage(call: EmulatedCall): Response {
		const asked = Object.fromEntries(call.url.searchParams);
		const redirectUri = asked['redirect_uri'] ?? '';
		if (asked['client_id'] !== config.appId)
			return new Response('100008 client_id is illegal', { status: 400 });
		if (asked['response_type'] !== 'code' || !asked['state'] || !isRegistered(call))
			return new Response('100010 redirect uri is illegal', { status: 400 });
		const back = (query: Record<string, string>) => {
			const to = new URL(redirectUri);
			for (const [key, value] of Object.entries({ ...query, state: asked['state'] ?? '' }))
				to.searchParams.append(key, value);
			return to;
		};
		const approved = (name: Name) => {
			const code = randomBytes(16).toString('hex').toUpperCase();
			return back({ code: this.#codes.give({ name, redirectUri }, code) });
		};
		return approvePage(
			'QQ',
			(Object.keys(people) as Name[]).map((name) => ({ name, approved: approved(name) })),
			back({ usercancel: '1' }),
		);
	}

	token(call: EmulatedCall): Response | Promise<Response> {
		const query = Object.fromEntries(call.url.searchParams);
		if (query['grant_type'] !== 'authorization_code') return failed(100004)(call);
		if (query['client_id'] !== config.appId) return failed(100008)(call);
		if (query['client_secret'] !== config.appKey) return failed(100009)(call);
		const given = this.#codes.find(query['code'] ?? '');
		if (!given || given.expired) return failed(100019)(call);
		if (given.used) return failed(100020)(call);
		if (given.value.redirectUri !== query['redirect_uri']) return failed(100010)(call);
		given.used = true;
		const access_token = randomBytes(16).toString('hex').toUpperCase();
		this.#tokens.set(access_token, given.value.name);
		const answer = { access_token, expires_in: '7776000', refresh_token: randomBytes(16).toString('hex') };
		// Unless JSON is asked for, a success is a form; only failures are JSONP.
		return query['fmt'] === 'json'
			? written(call, answer)
			: new Response(new URLSearchParams(answer).toString());
	}

	me(call: EmulatedCall): Response | Promise<Response> {
		const name = this.#tokens.get(call.url.searchParams.get('access_token') ?? '');
		if (!name) return failed(100016)(call);
		const { openid, unionid } = people[name];
		const withUnion = call.url.searchParams.get('unionid') === '1';
		return written(call, { client_id: config.appId, openid, ...(withUnion ? { unionid } : {}) });
	}

	info(call: EmulatedCall): Response | Promise<Response> {
		const query = Object.fromEntries(call.url.searchParams);
		const name = this.#tokens.get(query['access_token'] ?? '');
		if (!name) return infoFailed(100016, 'access token check failed')(call);
		if (query['oauth_consumer_key'] !== config.appId || query['openid'] !== people[name].openid)
			return infoFailed(1002, '请先登录')(call);
		return Response.json({ ret: 0, msg: '', is_lost: 0, ...cards[name] });
	}
}

const at = {
	authorize: 'GET /oauth2.0/authorize',
	token: 'GET /oauth2.0/token',
	me: 'GET /oauth2.0/me',
	info: 'GET /user/get_user_info',
} as const;

function failuresOf(qq: Qq): Record<string, EmulatedFailure> {
	const onToken = (code: number): [string, EmulatedFailure] => [
		`${code} ${messages[code]}`,
		{ at: at.token, answer: failed(code) },
	];
	const onMe = (code: number): [string, EmulatedFailure] => [
		`${code} ${messages[code]}`,
		{ at: at.me, answer: failed(code) },
	];
	return Object.fromEntries([
		...[100008, 100009, 100010, 100011, 100019, 100020, 100021].map(onToken),
		...[100013, 100016].map(onMe),
		[
			'100048 no permission to get unionid',
			{
				at: at.me,
				answer: (call: EmulatedCall) =>
					call.url.searchParams.has('unionid') ? failed(100048)(call) : qq.me(call),
			},
		],
		[
			'100030 the user has not authorised this api',
			{ at: at.info, answer: infoFailed(100030, 'no authority') },
		],
		['1002 not signed in', { at: at.info, answer: infoFailed(1002, '请先登录') }],
		['-1 busy', { at: at.info, answer: infoFailed(-1, 'system busy') }],
	]);
}

export function startEmulator(port?: number): Promise<Emulator> {
	const qq = new Qq();
	return startVendor(
		{
			routes: {
				[at.authorize]: (call) => qq.authorizePage(call),
				[at.token]: (call) => qq.token(call),
				[at.me]: (call) => qq.me(call),
				[at.info]: (call) => qq.info(call),
			},
			pages: [at.authorize],
			failures: failuresOf(qq),
			endpoints: { authorize: '/oauth2.0/authorize', graph: '' },
			config,
			forget: () => qq.forget(),
		},
		port,
	);
}
