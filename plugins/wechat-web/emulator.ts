/**
 * WeChat as a website meets it: the QR page of the Open Platform, the consent page of an official account (inside
 * WeChat's browser only), and the exchange of codes.
 */
import {
	approvePage,
	startVendor,
	type EmulatedAnswer,
	type EmulatedCall,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { accounts, people, type PersonKey } from '../../tests/emulators/wechat-cast';
import {
	asked,
	failuresAt,
	snsRoutes,
	tokenRoute,
	userRoute,
	WechatDesk,
	type Approval,
} from '../../tests/emulators/wechat-desk';

type Half = 'website' | 'official';

export interface WebEmulator extends Emulator {
	/** A code as the browser brings it back after a person approved. */
	approve(person: PersonKey, half: Half, more?: Partial<Approval>): string;
	/** Whether the accounts are bound to one Open Platform account, and people so have unionids. */
	bind(bound: boolean): void;
}

/** WeChat is given a host, and compares that alone. */
const isAtHost = (redirect: string, { redirectUris }: EmulatedCall): boolean =>
	URL.canParse(redirect) &&
	[...redirectUris].some((each) => new URL(each).hostname === new URL(redirect).hostname);
const order = 'appid redirect_uri response_type scope state';
const scopes: Readonly<Record<Half, readonly string[]>> = {
	website: ['snsapi_login'],
	official: ['snsapi_base', 'snsapi_userinfo'],
};

/** WeChat's own error pages: the person stays there. */
function problemOf(half: Half, call: EmulatedCall): string | undefined {
	const redirect = asked(call, 'redirect_uri');
	const checks: [boolean, string][] = [
		[
			half === 'website' || /MicroMessenger/.test(call.headers.get('user-agent') ?? ''),
			'请在微信客户端打开链接',
		],
		[asked(call, 'appid') === accounts[half].appid, 'AppID 参数错误'],
		[[...call.url.searchParams.keys()].join(' ') === order, '请求参数错误'],
		[isAtHost(redirect, call), 'redirect_uri 参数错误'],
		[asked(call, 'response_type') === 'code', 'response_type 参数错误'],
		[scopes[half].includes(asked(call, 'scope')), 'Scope 参数错误或没有 Scope 权限'],
		[Buffer.byteLength(asked(call, 'state')) <= 128, 'state 参数错误'],
	];
	return checks.find(([fine]) => !fine)?.[1];
}

function returnTo(call: EmulatedCall, code?: string): URL {
	const url = new URL(asked(call, 'redirect_uri'));
	if (code) url.searchParams.append('code', code);
	url.searchParams.append('state', asked(call, 'state'));
	return url;
}

/** Silent consent (`snsapi_base`) shows the page too: the tester has to choose whose phone it is. */
const authorizePage =
	(desk: WechatDesk, half: Half): EmulatedAnswer =>
	(call) => {
		const problem = problemOf(half, call);
		if (problem) return new Response(problem, { headers: { 'content-type': 'text/html; charset=utf-8' } });
		const scope = asked(call, 'scope');
		const approvals = (Object.keys(people) as PersonKey[]).map((person) => ({
			name: people[person].name,
			approved: returnTo(call, desk.codes.issue({ person, world: half, scope })),
		}));
		return approvePage('WeChat', approvals, returnTo(call));
	};

export async function startEmulator(port?: number): Promise<WebEmulator> {
	const desk = new WechatDesk(['website', 'official']);
	const pages = ['GET /connect/qrconnect', 'GET /connect/oauth2/authorize'];
	const emulator = await startVendor(
		{
			routes: {
				'GET /connect/qrconnect': authorizePage(desk, 'website'),
				'GET /connect/oauth2/authorize': authorizePage(desk, 'official'),
				...snsRoutes(desk),
			},
			pages,
			failures: {
				...failuresAt(tokenRoute, [-1, 40013, 40029, 40125, 40163, 40226, 45011, 48004, 50002]),
				...failuresAt(userRoute, [-1, 40001, 40003, 48001], 'userinfo: '),
			},
			endpoints: { api: '', website: '/connect/qrconnect', official: '/connect/oauth2/authorize' },
			config: {
				websiteAppId: accounts.website.appid,
				websiteAppSecret: accounts.website.secret,
				officialAppId: accounts.official.appid,
				officialAppSecret: accounts.official.secret,
			},
			forget: () => desk.forget(),
		},
		port,
	);
	return Object.assign(emulator, {
		approve: (person: PersonKey, half: Half, more: Partial<Approval> = {}) =>
			desk.codes.issue({
				person,
				world: half,
				scope: half === 'website' ? 'snsapi_login' : 'snsapi_userinfo',
				...more,
			}),
		bind: (bound: boolean) => void (desk.bound = bound),
	});
}
