/** Weibo on this machine: the sign-in page, tokens, what a token is for, and the public profile. */
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

const config = { appKey: '1073880650', appSecret: 'canary-weibo-app-secret' };
const codeLifeMs = 600_000;

const people = {
	Mei: {
		id: 1_404_376_560,
		screen_name: '梅',
		profile_image_url: 'http://tp1.example.com/mei/50/1',
		avatar_large: 'http://tp1.example.com/mei/180/1',
	},
	Li: {
		id: 5_012_345_678,
		screen_name: '李',
		profile_image_url: 'https://tp1.example.com/li/50/1',
		avatar_large: '',
	},
} as const;
type Name = keyof typeof people;

const oauthErrors: Readonly<Record<number, string>> = {
	21322: 'redirect_uri_mismatch',
	21323: 'invalid_request',
	21324: 'invalid_client',
	21325: 'invalid_grant',
	21326: 'unauthorized_client',
	21327: 'expired_token',
	21328: 'unsupported_grant_type',
	21331: 'temporarily_unavailable',
};

/** `/oauth2/…` names the failure in `error`, and where it happened. */
const oauthFailed =
	(error_code: number): EmulatedAnswer =>
	({ url }) => {
		const error = oauthErrors[error_code] ?? 'invalid_request';
		const where = { request: url.pathname, error_uri: url.pathname };
		return Response.json({ error, error_code, ...where, error_description: error }, { status: 400 });
	};
/** `/2/…` has a sentence there. */
const apiFailed =
	(error_code: number, error: string, status = 403): EmulatedAnswer =>
	({ url }) =>
		Response.json({ error, error_code, request: url.pathname }, { status });

interface Given {
	name: Name;
	redirectUri: string;
}

class Weibo {
	readonly #codes = new GivenOut<Given>(codeLifeMs);
	readonly #tokens = new Map<string, Name>();
	forget(): void {
		this.#codes.forget();
		this.#tokens.clear();
	}

	authorizePage(call: EmulatedCall): Response {
		const asked = Object.fromEntries(call.url.searchParams);
		const redirectUri = asked['redirect_uri'] ?? '';
		if (asked['client_id'] !== config.appKey) return new Response('error:invalid_client', { status: 400 });
		if (asked['response_type'] !== 'code')
			return new Response('error:unsupported_response_type', { status: 400 });
		if (!isRegistered(call)) return new Response('error:redirect_uri_mismatch', { status: 400 });
		const back = (query: Record<string, string>) => {
			const to = new URL(redirectUri);
			for (const [key, value] of Object.entries({ state: asked['state'] ?? '', ...query }))
				to.searchParams.append(key, value);
			return to;
		};
		const approved = (name: Name) => back({ code: this.#codes.give({ name, redirectUri }) });
		return approvePage(
			'Weibo',
			(Object.keys(people) as Name[]).map((name) => ({ name, approved: approved(name) })),
			back({
				error_uri: '/oauth2/authorize',
				error: 'access_denied',
				error_description: 'user denied your request.',
				error_code: '21330',
			}),
		);
	}

	token(call: EmulatedCall): Response | Promise<Response> {
		const { form } = call;
		if (form.get('client_id') !== config.appKey || form.get('client_secret') !== config.appSecret)
			return oauthFailed(21324)(call);
		if (form.get('grant_type') !== 'authorization_code') return oauthFailed(21328)(call);
		const code = form.get('code') ?? '';
		const found = this.#codes.find(code);
		if (!found || found.used || found.expired) return oauthFailed(21325)(call);
		const given = found.value;
		if (given.redirectUri !== form.get('redirect_uri')) return oauthFailed(21322)(call);
		found.used = true;
		const access_token = `2.00${randomBytes(14).toString('base64url')}`;
		this.#tokens.set(access_token, given.name);
		const uid = String(people[given.name].id);
		return Response.json({
			access_token,
			remind_in: '157679999',
			expires_in: 157_679_999,
			uid,
			isRealName: 'true',
		});
	}

	/** @param change what a token of another application, or one that has run out, would show */
	tokenInfo(call: EmulatedCall, change: object = {}): Response | Promise<Response> {
		const name = this.#tokens.get(call.form.get('access_token') ?? '');
		if (!name) return oauthFailed(21327)(call);
		const info = { uid: people[name].id, appkey: config.appKey, scope: 'all', create_at: 1_767_225_600 };
		return Response.json({ ...info, expire_in: 157_679_000, ...change });
	}

	user(call: EmulatedCall): Response | Promise<Response> {
		const name = this.#tokens.get(call.url.searchParams.get('access_token') ?? '');
		if (!name) return apiFailed(21332, 'invalid_access_token', 400)(call);
		const asked = call.url.searchParams.get('uid');
		const found = Object.values(people).find(({ id }) => String(id) === asked);
		if (!found) return apiFailed(20003, 'User does not exists!', 400)(call);
		return Response.json({ ...found, idstr: String(found.id), name: found.screen_name, verified: false });
	}
}

const at = {
	authorize: 'GET /oauth2/authorize',
	token: 'POST /oauth2/access_token',
	info: 'POST /oauth2/get_token_info',
	user: 'GET /2/users/show.json',
} as const;

function failuresOf(weibo: Weibo): Record<string, EmulatedFailure> {
	const onToken = (code: number): [string, EmulatedFailure] => [
		`${code} ${oauthErrors[code]}`,
		{ at: at.token, answer: oauthFailed(code) },
	];
	return {
		...Object.fromEntries([21322, 21323, 21324, 21325, 21326, 21331].map(onToken)),
		'21327 expired_token': { at: at.info, answer: oauthFailed(21327) },
		'another application': { at: at.info, answer: (call) => weibo.tokenInfo(call, { appkey: '999' }) },
		'a token run out': { at: at.info, answer: (call) => weibo.tokenInfo(call, { expire_in: -5 }) },
		'21332 invalid_access_token': { at: at.user, answer: apiFailed(21332, 'invalid_access_token', 400) },
		'10014 Insufficient app permissions!': {
			at: at.user,
			answer: apiFailed(10014, 'Insufficient app permissions!'),
		},
		'10023 User requests out of rate limit!': {
			at: at.user,
			answer: apiFailed(10023, 'User requests out of rate limit!'),
		},
		'20003 User does not exists!': { at: at.user, answer: apiFailed(20003, 'User does not exists!', 400) },
		'10002 Service unavailable!': { answer: apiFailed(10002, 'Service unavailable!', 503) },
	};
}

export function startEmulator(port?: number): Promise<Emulator> {
	const weibo = new Weibo();
	return startVendor(
		{
			routes: {
				[at.authorize]: (call) => weibo.authorizePage(call),
				[at.token]: (call) => weibo.token(call),
				[at.info]: (call) => weibo.tokenInfo(call),
				[at.user]: (call) => weibo.user(call),
			},
			pages: [at.authorize],
			failures: failuresOf(weibo),
			endpoints: { authorize: '/oauth2/authorize', api: '' },
			config,
			forget: () => weibo.forget(),
		},
		port,
	);
}
