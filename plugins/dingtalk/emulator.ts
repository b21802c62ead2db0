/** DingTalk on this machine: its sign-in page, the codes of its client, and both of its API hosts. */
import { randomBytes, randomUUID } from 'node:crypto';
import {
	approvePage,
	isRegistered,
	startVendor,
	type EmulatedCall,
	type EmulatedFailure,
	type Emulator,
} from '@menshen/plugin-kit/emulator';

const config = {
	clientId: 'dingemulator0client',
	clientSecret: 'canary-dingtalk-client-secret',
	corpId: 'dingcorp0emulator',
};
const codeLifeMs = 300_000;

const people = {
	Mei: {
		unionId: 'uMeiDingTalk00001',
		openId: 'oMeiDingTalk00001',
		userid: 'manager4220',
		corpId: config.corpId,
	},
	Li: {
		unionId: 'uLiDingTalk000002',
		openId: 'oLiDingTalk000002',
		userid: 'staff7301',
		corpId: config.corpId,
	},
	// With an account, but of another company.
	Guest: {
		unionId: 'uGuestDingTalk003',
		openId: 'oGuestDingTalk003',
		userid: 'staff0001',
		corpId: 'dingcorp0other',
	},
} as const;
type Name = keyof typeof people;

const contacts = {
	Mei: {
		nick: '梅',
		avatarUrl: 'https://static.example.com/mei.jpg',
		mobile: '13800000001',
		stateCode: '86',
		email: 'mei@example.com',
	},
	Li: {
		nick: '李',
		avatarUrl: 'http://static.example.com/li.jpg',
		mobile: '60000002',
		stateCode: '852',
		email: '',
	},
	Guest: { nick: 'Guest', avatarUrl: '', mobile: '13800000003', stateCode: '86', email: '' },
} as const;

const json = (body: unknown, status = 200) => Response.json(body, { status });
const apiError = (status: number, code: string, extra: object = {}): EmulatedFailure['answer'] => {
	return () => json({ requestid: randomUUID().toUpperCase(), code, message: code, ...extra }, status);
};
const oapiError = (errcode: number, extra: object = {}): EmulatedFailure['answer'] => {
	return () =>
		json({ errcode, errmsg: 'ding talk error', request_id: randomBytes(6).toString('hex'), ...extra });
};
const subError = (sub_code: string) => oapiError(88, { sub_code, sub_msg: 'see sub_code' });

interface Given {
	name: Name;
	until: number;
	/** The company was asked for, so that the token names it. */
	withCompany?: boolean;
}

/** Codes and tokens given out. A code works once, and for five minutes. */
class Desk {
	readonly #given = new Map<string, Given>();
	give(kind: string, given: Omit<Given, 'until'>): string {
		const text = `${kind}-${randomBytes(16).toString('hex')}`;
		this.#given.set(text, { ...given, until: performance.now() + codeLifeMs });
		return text;
	}
	read(kind: string, text: unknown): Given | undefined {
		const given = typeof text === 'string' && text.startsWith(`${kind}-`) ? this.#given.get(text) : undefined;
		return given && given.until > performance.now() ? given : undefined;
	}
	redeem(kind: string, text: unknown): Given | undefined {
		const given = this.read(kind, text);
		if (given) this.#given.delete(String(text));
		return given;
	}
	forget(): void {
		this.#given.clear();
	}
}

const bodyOf = (call: EmulatedCall) => (call.json ?? {}) as Readonly<Record<string, unknown>>;

/**
 * The people who may choose the company asked for; without one (or without `corpid`) each person chooses their own.
 */
function membersOf(asked: Readonly<Record<string, string>>): Name[] {
	const { scope = '', corpId } = asked;
	const names = Object.keys(people) as Name[];
	return corpId && scope.split(' ').includes('corpid')
		? names.filter((name) => people[name].corpId === corpId)
		: names;
}

function authorizePage(desk: Desk, call: EmulatedCall): Response {
	const asked = Object.fromEntries(call.url.searchParams);
	const scopes = (asked['scope'] ?? '').split(' ');
	const known =
		asked['client_id'] === config.clientId &&
		asked['response_type'] === 'code' &&
		asked['prompt'] === 'consent';
	if (!known || !scopes.includes('openid') || !isRegistered(call))
		return new Response('参数错误', { status: 400 });
	const back = (query: Record<string, string>) => {
		const to = new URL(asked['redirect_uri'] ?? '');
		for (const [key, value] of Object.entries({ ...query, state: asked['state'] ?? '' }))
			to.searchParams.append(key, value);
		return to;
	};
	const approved = (name: Name) => {
		const code = desk.give('auth', { name, withCompany: scopes.includes('corpid') });
		return back({ code, authCode: code });
	};
	return approvePage(
		'DingTalk',
		membersOf(asked).map((name) => ({ name, approved: approved(name) })),
		back({ error: 'access_denied' }),
	);
}

/** What `dd.requestAuthCode` gives a page inside DingTalk: `?clientId=…&corpId=…&as=Mei` */
function clientCode(desk: Desk, { url }: EmulatedCall): Response {
	const name = (url.searchParams.get('as') ?? 'Mei') as Name;
	const fits = url.searchParams.get('clientId') === config.clientId && name in people;
	return fits && url.searchParams.get('corpId') === people[name].corpId
		? json({ code: desk.give('app', { name }) })
		: json({ errorCode: '3', errorMessage: 'invalid corpId or clientId' }, 400);
}

function userToken(desk: Desk, call: EmulatedCall): Response | Promise<Response> {
	const { clientId, clientSecret, code, grantType } = bodyOf(call);
	if (clientId !== config.clientId || clientSecret !== config.clientSecret)
		return apiError(400, 'invalidClientIdOrSecret')(call);
	if (grantType !== 'authorization_code') return apiError(400, 'invalidParameter.grantType')(call);
	const given = desk.redeem('auth', code);
	if (!given) return apiError(400, 'invalidParameter.authCode.notFound')(call);
	const accessToken = desk.give('user', given);
	const company = given.withCompany ? { corpId: people[given.name].corpId } : {};
	return json({ accessToken, refreshToken: randomBytes(16).toString('hex'), expireIn: 7200, ...company });
}

function contact(desk: Desk, call: EmulatedCall): Response | Promise<Response> {
	const given = desk.read('user', call.headers.get('x-acs-dingtalk-access-token'));
	if (!given) return apiError(400, 'InvalidAuthentication')(call);
	const { unionId, openId } = people[given.name];
	return json({ ...contacts[given.name], unionId, openId, visitor: false });
}

function companyToken(desk: Desk, call: EmulatedCall): Response | Promise<Response> {
	const { client_id, client_secret, grant_type } = bodyOf(call);
	if (grant_type !== 'client_credentials') return apiError(400, 'unsupported.grant.type')(call);
	if (client_id !== config.clientId || client_secret !== config.clientSecret)
		return apiError(400, 'invalid.client')(call);
	if (call.url.pathname !== `/api/v1.0/oauth2/${config.corpId}/token`)
		return apiError(401, 'unauthorized.client')(call);
	return json({ access_token: desk.give('corp', { name: 'Mei', withCompany: true }), expires_in: 7200 });
}

function appToken(desk: Desk, call: EmulatedCall): Response | Promise<Response> {
	const { appKey, appSecret } = bodyOf(call);
	if (appKey !== config.clientId || appSecret !== config.clientSecret)
		return apiError(400, 'invalidClientIdOrSecret')(call);
	return json({ accessToken: desk.give('corp', { name: 'Mei' }), expireIn: 7200 });
}

function visitor(desk: Desk, call: EmulatedCall): Response | Promise<Response> {
	const caller = desk.read('corp', call.url.searchParams.get('access_token'));
	if (!caller) return subError('40014')(call);
	const given = desk.redeem('app', bodyOf(call)['code']);
	// A company's token redeems the codes of its own members.
	const isForeign = caller.withCompany && given && people[given.name].corpId !== config.corpId;
	if (!given || isForeign) return oapiError(40078)(call);
	const { userid, unionId } = people[given.name];
	const result = {
		userid,
		unionid: unionId,
		device_id: 'device',
		sys: false,
		sys_level: 0,
		name: given.name,
	};
	return json({ errcode: 0, errmsg: 'ok', result, request_id: 'r1' });
}

function member(desk: Desk, call: EmulatedCall): Response | Promise<Response> {
	if (!desk.read('corp', call.url.searchParams.get('access_token'))) return subError('40014')(call);
	const { userid, language } = bodyOf(call);
	const name = (Object.keys(people) as Name[]).find((each) => people[each].userid === userid);
	if (!name || !['zh_CN', 'en_US'].includes(String(language))) return oapiError(60121)(call);
	const { nick, avatarUrl, mobile, stateCode, email } = contacts[name];
	const result = {
		userid,
		unionid: people[name].unionId,
		name: nick,
		avatar: avatarUrl,
		mobile,
		state_code: stateCode,
		email,
		active: true,
		// Li's account was made by the company.
		exclusive_account: name === 'Li',
	};
	return json({ errcode: 0, errmsg: 'ok', result, request_id: 'r2' });
}

const at = {
	authorize: 'GET /oauth2/auth',
	client: 'GET /client/requestAuthCode',
	userToken: 'POST /api/v1.0/oauth2/userAccessToken',
	me: 'GET /api/v1.0/contact/users/me',
	appToken: 'POST /api/v1.0/oauth2/accessToken',
	companyToken: 'POST /api/v1.0/oauth2/*',
	visitor: 'POST /oapi/topapi/v2/user/getuserinfo',
	member: 'POST /oapi/topapi/v2/user/get',
} as const;

const failures: Record<string, EmulatedFailure> = {
	'invalidParameter.authCode.notFound': {
		at: at.userToken,
		answer: apiError(400, 'invalidParameter.authCode.notFound'),
	},
	invalidClientIdOrSecret: { at: at.userToken, answer: apiError(400, 'invalidClientIdOrSecret') },
	'Forbidden.AccessDenied.AccessTokenPermissionDenied': {
		at: at.me,
		answer: apiError(403, 'Forbidden.AccessDenied.AccessTokenPermissionDenied', {
			accessdenieddetail: { requiredScopes: ['Contact.User.Read'] },
		}),
	},
	'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi': {
		at: at.me,
		answer: apiError(403, 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi'),
	},
	InvalidAuthentication: { at: at.me, answer: apiError(400, 'InvalidAuthentication') },
	ServiceUnavailable: { answer: apiError(503, 'ServiceUnavailable') },
	'invalid.client': { at: at.companyToken, answer: apiError(400, 'invalid.client') },
	'unauthorized.client': { at: at.companyToken, answer: apiError(401, 'unauthorized.client') },
	'-1 busy': { at: at.visitor, answer: oapiError(-1) },
	'40078 code unknown or used': { at: at.visitor, answer: oapiError(40078) },
	'88/60020 address not allowed': { at: at.visitor, answer: subError('60020') },
	'88/60011 no permission': { at: at.member, answer: subError('60011') },
	'88/90018 too many calls': { at: at.member, answer: subError('90018') },
	'60121 no such member': { at: at.member, answer: oapiError(60121) },
};

export function startEmulator(port?: number): Promise<Emulator> {
	const desk = new Desk();
	return startVendor(
		{
			routes: {
				[at.authorize]: (call) => authorizePage(desk, call),
				[at.client]: (call) => clientCode(desk, call),
				[at.userToken]: (call) => userToken(desk, call),
				[at.me]: (call) => contact(desk, call),
				[at.appToken]: (call) => appToken(desk, call),
				[at.companyToken]: (call) => companyToken(desk, call),
				[at.visitor]: (call) => visitor(desk, call),
				[at.member]: (call) => member(desk, call),
			},
			pages: [at.authorize, at.client],
			failures,
			endpoints: { authorize: '/oauth2/auth', api: '/api', oapi: '/oapi' },
			config,
			forget: () => desk.forget(),
		},
		port,
	);
}
