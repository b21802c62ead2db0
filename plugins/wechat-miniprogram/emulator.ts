/**
 * WeChat as a mini program's server meets it: code2Session, the stable access token, phone numbers and
 * mini-program codes. `/phone` hands out what the phones of Mei and Li would give the mini program.
 */
import { randomBytes } from 'node:crypto';
import {
	startVendor,
	type EmulatedAnswer,
	type EmulatedCall,
	type Emulator,
} from '@menshen/plugin-kit/emulator';
import { accounts, people, type PersonKey } from '../../tests/emulators/wechat-cast';
import {
	asked,
	failuresAt,
	handOut,
	judgeExchange,
	plain,
	refuse,
	WechatDesk,
} from '../../tests/emulators/wechat-desk';

export interface MiniProgramEmulator extends Emulator {
	/** The code of `wx.login` on a person's phone. */
	login(person: PersonKey): string;
	/** The code of the phone number button. */
	givePhone(person: PersonKey, world?: 'miniprogram' | 'app'): string;
	/** The session keys given out: none may be seen anywhere else. */
	readonly sessionKeys: readonly string[];
	/** The texts in the mini-program codes drawn, in order: the scene, or the path. */
	readonly drawn: readonly string[];
	/** From now on the access token is too old (`42001`), or was replaced by force (`40001`). */
	endTokens(errcode: 40001 | 42001): void;
	/** Whether the mini program is bound to an Open Platform account, and people so have unionids. */
	bind(bound: boolean): void;
}

const account = accounts.miniprogram;
const published = ['pages/index/index', 'pages/sign-in/index'];

/** A token is valid until it is replaced; the stable call returns it as long as it is valid. */
class AccessTokens {
	#current: string | undefined;
	#ended: 40001 | 42001 = 40001;

	give(): string {
		return (this.#current ??= `canary-access-token-${randomBytes(32).toString('hex')}`);
	}
	end(errcode: 40001 | 42001): void {
		this.#current = undefined;
		this.#ended = errcode;
	}
	/** @returns the number that says what is wrong with the token of a call */
	problem(call: EmulatedCall): number | undefined {
		const token = asked(call, 'access_token');
		if (!token) return 41001;
		return token === this.#current ? undefined : this.#ended;
	}
}

interface Vendor {
	desk: WechatDesk;
	tokens: AccessTokens;
	sessionKeys: string[];
	drawn: string[];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const fieldsOf = ({ json }: EmulatedCall): Record<string, unknown> | undefined =>
	typeof json === 'object' && json !== null ? { ...json } : undefined;

const session =
	({ desk, sessionKeys }: Vendor): EmulatedAnswer =>
	(call) => {
		const world = judgeExchange(desk, call);
		if (typeof world === 'number') return refuse(world);
		const code = asked(call, 'js_code');
		const approval = code ? desk.codes.take(code, (each) => each.world === world) : 41008;
		if (typeof approval === 'number') return refuse(approval);
		const { person } = approval;
		const session_key = randomBytes(16).toString('base64');
		sessionKeys.push(session_key);
		return plain({ session_key, openid: people[person].openids.miniprogram, ...desk.unionOf(person) });
	};

const stableToken =
	({ desk, tokens }: Vendor): EmulatedAnswer =>
	(call) => {
		const fields = fieldsOf(call);
		if (!fields) return refuse(47001);
		if (fields['grant_type'] !== 'client_credential') return refuse(40002);
		const world = desk.accountOf(textOf(fields['appid']), textOf(fields['secret']));
		if (typeof world === 'number') return refuse(world);
		if (fields['force_refresh'] === true) tokens.end(40001);
		return plain({ access_token: tokens.give(), expires_in: 7200 });
	};

const phoneNumber =
	({ desk, tokens }: Vendor): EmulatedAnswer =>
	(call) => {
		const problem = tokens.problem(call);
		if (problem) return refuse(problem);
		const code = fieldsOf(call)?.['code'];
		if (typeof code !== 'string' || !code) return refuse(47001);
		const approval = desk.phoneCodes.take(code, () => true);
		if (typeof approval === 'number') return refuse(approval);
		if (approval.world !== 'miniprogram') return refuse(40013);
		const { countryCode, number } = people[approval.person].phone;
		return plain({
			errcode: 0,
			errmsg: 'ok',
			phone_info: {
				phoneNumber: countryCode === '86' ? number : `+${countryCode}${number}`,
				purePhoneNumber: number,
				countryCode,
				watermark: { timestamp: 1_637_744_274, appid: account.appid },
			},
		});
	};

/**
 * A plain grey square, one bit pair for each of its blocks, as a baseline JPEG (ITU T.81) whose comment holds
 * the text: a real mini-program code can be read by WeChat alone.
 */
function pictureOf(text: string): Uint8Array<ArrayBuffer> {
	const segment = (marker: number, ...data: number[]) => [0xff, marker, 0, data.length + 2, ...data];
	const ones = (count: number, value: number) => Array<number>(count).fill(value);
	const size = [1, 24];
	return Uint8Array.from([
		...[0xff, 0xd8],
		...segment(0xfe, ...Buffer.from(text.slice(0, 250))),
		...segment(0xdb, 0, ...ones(64, 1)),
		...segment(0xc0, 8, ...size, ...size, 1, 1, 0x11, 0),
		...[0x00, 0x10].flatMap((table) => segment(0xc4, table, 1, ...ones(15, 0), 0)),
		...segment(0xda, 1, 1, 0x00, 0, 63, 0),
		...ones(306, 0),
		...[0x3f, 0xff, 0xd9],
	]);
}

const visible = /^[\dA-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}$/;

function lookProblem({ env_version, width }: Record<string, unknown>): number | undefined {
	const good = ['release', 'trial', 'develop'].includes(textOf(env_version ?? 'release'));
	return good && Number(width ?? 430) >= 280 && Number(width ?? 430) <= 1280 ? undefined : 40097;
}

function sceneProblem({ scene, page, check_path }: Record<string, unknown>): number | undefined {
	if (typeof scene !== 'string' || !visible.test(scene)) return 40169;
	if (typeof page !== 'string') return undefined;
	if (/^\/|\?/.test(page)) return 40097;
	return check_path === false || published.includes(page) ? undefined : 41030;
}

function pathProblem({ path }: Record<string, unknown>): number | undefined {
	return typeof path === 'string' && path && Buffer.byteLength(path) <= 1024 ? undefined : 40159;
}

const drawing =
	(
		{ tokens, drawn }: Vendor,
		{ field, judge }: { field: string; judge: typeof sceneProblem },
	): EmulatedAnswer =>
	(call) => {
		const fields = fieldsOf(call);
		const problem = tokens.problem(call) ?? (fields ? (lookProblem(fields) ?? judge(fields)) : 47001);
		if (problem) return refuse(problem);
		const text = textOf(fields?.[field]);
		drawn.push(text);
		return new Response(pictureOf(text), { headers: { 'content-type': 'image/jpeg' } });
	};

const codeRoute = 'GET /sns/jscode2session';
const tokenRoute = 'POST /cgi-bin/stable_token';
const phoneRoute = 'POST /wxa/business/getuserphonenumber';
const sceneRoute = 'POST /wxa/getwxacodeunlimit';
const pathRoute = 'POST /wxa/getwxacode';

const failures = {
	...failuresAt(codeRoute, [-1, 40013, 40029, 40125, 40163, 40226, 45011, 50002]),
	...failuresAt(tokenRoute, [-1, 40001, 40013, 40125, 40164, 45009], 'stable_token: '),
	...failuresAt(phoneRoute, [-1, 40001, 40013, 40029, 42001, 45011, 48001], 'getuserphonenumber: '),
	...failuresAt(sceneRoute, [-1, 40001, 40097, 40169, 41030, 42001, 45009], 'getwxacodeunlimit: '),
	...failuresAt(pathRoute, [-1, 40159, 45029], 'getwxacode: '),
};

export async function startEmulator(port?: number): Promise<MiniProgramEmulator> {
	const desk = new WechatDesk(['miniprogram']);
	const vendor: Vendor = { desk, tokens: new AccessTokens(), sessionKeys: [], drawn: [] };
	const { tokens, sessionKeys, drawn } = vendor;
	const login = (person: PersonKey) => desk.codes.issue({ person, world: 'miniprogram', scope: '' });
	const givePhone = (person: PersonKey, world: 'miniprogram' | 'app' = 'miniprogram') =>
		desk.phoneCodes.issue({ person, world });
	const emulator = await startVendor(
		{
			routes: {
				[codeRoute]: session(vendor),
				[tokenRoute]: stableToken(vendor),
				[phoneRoute]: phoneNumber(vendor),
				[sceneRoute]: drawing(vendor, { field: 'scene', judge: sceneProblem }),
				[pathRoute]: drawing(vendor, { field: 'path', judge: pathProblem }),
				'GET /phone': () => plain({ drawn, people: Object.keys(people) }),
				'GET /phone/login': handOut(login),
				'GET /phone/number': handOut(givePhone),
			},
			pages: ['GET /phone', 'GET /phone/login', 'GET /phone/number'],
			failures,
			endpoints: { api: '' },
			config: { appId: account.appid, appSecret: account.secret },
			forget() {
				desk.forget();
				tokens.end(40001);
				sessionKeys.length = drawn.length = 0;
			},
		},
		port,
	);
	return Object.assign(emulator, {
		login,
		givePhone,
		sessionKeys,
		drawn,
		endTokens: (errcode: 40001 | 42001) => tokens.end(errcode),
		bind: (bound: boolean) => void (desk.bound = bound),
	});
}
