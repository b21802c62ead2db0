/**
 * What every emulated WeChat does alike: errors with HTTP 200 and `text/plain`, one-time codes that live five
 * minutes, and the two `sns` calls that turn a code into a person.
 */
import { randomBytes } from 'node:crypto';
import type { EmulatedAnswer, EmulatedCall, EmulatedFailure } from '@menshen/plugin-kit/emulator';
import { GivenOut } from './given-out';
import { accounts, isPerson, people, type PersonKey, type World } from './wechat-cast';

/** WeChat answers JSON as text. */
export const plain = (body: unknown): Response =>
	new Response(JSON.stringify(body), { headers: { 'content-type': 'text/plain' } });

/** Its own texts for the numbers that it answers here. */
const messages: Readonly<Record<number, string>> = {
	[-1]: 'system error',
	40001: 'invalid credential, access_token is invalid or not latest',
	40002: 'invalid grant_type',
	40003: 'invalid openid',
	40013: 'invalid appid',
	40029: 'invalid code',
	40097: 'invalid args',
	40125: 'invalid appsecret',
	40159: 'invalid length for path, or the data is not json string',
	40163: 'code been used',
	40164: 'invalid ip, not in whitelist',
	40169: 'invalid length for scene, or the data is not json string',
	40226: 'code blocked',
	41001: 'access_token missing',
	41002: 'appid missing',
	41004: 'appsecret missing',
	41008: 'missing code',
	41030: 'invalid page hint',
	42001: 'access_token expired',
	45009: 'reach max api daily quota limit',
	45011: 'api minute-quota reach limit, must slower, retry next minute',
	45029: 'qrcode count out of limit',
	47001: 'data format error',
	48001: 'api unauthorized',
	48004: 'api forbidden for irregularities, view detail on mp.weixin.qq.com',
	50002: 'user limited',
};

export const refuse = (errcode: number): Response =>
	plain({ errcode, errmsg: `${messages[errcode]} rid: 00000000-00000000-00000000` });

/** `fail('40029 invalid code')`, at one route. `prefix` distinguishes calls that share a number. */
export function failuresAt(
	route: string,
	errcodes: readonly number[],
	prefix = '',
): Record<string, EmulatedFailure> {
	return Object.fromEntries(
		errcodes.map((errcode) => [
			`${prefix}${errcode} ${messages[errcode]?.split(',')[0]}`,
			{ at: route, answer: () => refuse(errcode) },
		]),
	);
}

const lifetimeMs = 5 * 60_000;

/** Codes that are good once, for five minutes, in one world. */
class OneTimeCodes<T> {
	readonly #issued = new GivenOut<T>(lifetimeMs);

	issue(value: T): string {
		return this.#issued.give(value);
	}
	/** @returns what the code stood for, or the number that says why not. `fits`: whose it is. */
	take(code: string, fits: (value: T) => boolean): T | 40029 | 40163 {
		const found = this.#issued.find(code);
		if (!found || !fits(found.value) || found.expired) return 40029;
		if (found.used) return 40163;
		found.used = true;
		return found.value;
	}
	forget(): void {
		this.#issued.forget();
	}
}

export interface Approval {
	person: PersonKey;
	world: World;
	scope: string;
	/** A page snapshot: the vendor makes up a person. */
	snapshot?: boolean;
}

export interface PhoneApproval {
	person: PersonKey;
	world: World;
}

/** A parameter of a call, from its query. */
export const asked = ({ url }: EmulatedCall, name: string): string => url.searchParams.get(name) ?? '';

/** What one emulator remembers. */
export class WechatDesk {
	readonly codes = new OneTimeCodes<Approval>();
	readonly phoneCodes = new OneTimeCodes<PhoneApproval>();
	readonly #tokens = new Map<string, Approval>();
	readonly #worlds: readonly World[];
	/** Whether the accounts are bound to one Open Platform account: only then are there unionids. */
	bound = true;

	constructor(worlds: readonly World[]) {
		this.#worlds = worlds;
	}

	/** The account behind an app id, or the number that says what is wrong with the pair. */
	accountOf(appid: string, secret: string): World | 40013 | 40125 | 41002 | 41004 {
		if (!appid) return 41002;
		const world = this.#worlds.find((each) => accounts[each].appid === appid);
		if (!world) return 40013;
		if (!secret) return 41004;
		return accounts[world].secret === secret ? world : 40125;
	}

	unionOf(person: PersonKey): { unionid?: string } {
		return this.bound ? { unionid: people[person].unionid } : {};
	}

	giveToken(approval: Approval): string {
		const token = `canary-user-token-${randomBytes(12).toString('hex')}`;
		this.#tokens.set(token, approval);
		return token;
	}
	tokenFor(token: string): Approval | undefined {
		return this.#tokens.get(token);
	}

	forget(): void {
		this.codes.forget();
		this.phoneCodes.forget();
		this.#tokens.clear();
		this.bound = true;
	}
}

/** The checks that every exchange of a code begins with. @returns the world, or the number of the error */
export function judgeExchange(desk: WechatDesk, call: EmulatedCall): World | number {
	const world = desk.accountOf(asked(call, 'appid'), asked(call, 'secret'));
	if (typeof world === 'number') return world;
	return asked(call, 'grant_type') === 'authorization_code' ? world : 40002;
}

export const tokenRoute = 'GET /sns/oauth2/access_token';
export const userRoute = 'GET /sns/userinfo';

const exchange =
	(desk: WechatDesk): EmulatedAnswer =>
	(call) => {
		const world = judgeExchange(desk, call);
		if (typeof world === 'number') return refuse(world);
		const code = asked(call, 'code');
		const approval = code ? desk.codes.take(code, (each) => each.world === world) : 41008;
		if (typeof approval === 'number') return refuse(approval);
		const { person, scope, snapshot } = approval;
		return plain({
			access_token: desk.giveToken(approval),
			expires_in: 7200,
			refresh_token: `canary-refresh-token-${randomBytes(12).toString('hex')}`,
			openid: snapshot ? 'oC-made-up-for-a-snapshot-01' : people[person].openids[world],
			scope,
			...(snapshot ? { is_snapshotuser: 1 } : {}),
			...(scope === 'snsapi_base' ? {} : desk.unionOf(person)),
		});
	};

const userInfo =
	(desk: WechatDesk): EmulatedAnswer =>
	(call) => {
		const token = asked(call, 'access_token');
		if (!token) return refuse(41001);
		const approval = desk.tokenFor(token);
		if (!approval) return refuse(40001);
		const { person, world, scope } = approval;
		const { openids, nickname, headimgurl } = people[person];
		if (scope === 'snsapi_base') return refuse(48001);
		if (asked(call, 'openid') !== openids[world]) return refuse(40003);
		return plain({
			openid: openids[world],
			nickname,
			sex: 0,
			language: '',
			city: '',
			province: '',
			country: '',
			headimgurl,
			privilege: [],
			...desk.unionOf(person),
		});
	};

/** Website, official account and native app share these. */
export const snsRoutes = (desk: WechatDesk): Record<string, EmulatedAnswer> => ({
	[tokenRoute]: exchange(desk),
	[userRoute]: userInfo(desk),
});

/** `GET …?person=mei`: what a phone would hand to a client, for trying things out by hand. */
export const handOut =
	(issue: (person: PersonKey) => string): EmulatedAnswer =>
	(call) => {
		const person = asked(call, 'person');
		return isPerson(person)
			? plain({ code: issue(person) })
			: new Response('person is mei or li', { status: 400 });
	};
