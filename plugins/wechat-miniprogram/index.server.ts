/**
 * The WeChat mini program: the code of `wx.login` is redeemed here, and a page elsewhere shows a mini-program
 * code that opens it on the phone.
 */
import {
	definePlugin,
	PluginFailure,
	type Drawing,
	type PluginContext,
	type TicketToRedeem,
} from '@menshen/plugin-kit';
import { fetchToken, withToken } from './access-token';
import { configSchema, type Config } from './config';
import manifest from './manifest.json';
import { calls, phoneOf, pictureOf, sessionOf } from './replies';

type Context = PluginContext<Config>;

/** What WeChat gives out are short visible texts. Anything else is answered without asking it. */
const code = /^[\x21-\x7e]{1,512}$/;

function requireCode(text: string, name: string): string {
	if (!code.test(text)) throw new PluginFailure('refused', `${name} is none that WeChat gives out`);
	return text;
}

async function phoneFrom(phoneCode: string, context: Context): Promise<string> {
	const given = await withToken(context, async (token) =>
		phoneOf(
			await context.http('api', {
				path: '/wxa/business/getuserphonenumber',
				query: { access_token: token },
				json: { code: phoneCode },
			}),
		),
	);
	if (given.appid !== context.config.appId)
		throw new PluginFailure('refused', 'the phone number was given to another mini program');
	return given.phone;
}

async function redeem({ ticket, params }: TicketToRedeem, context: Context) {
	const { http, config } = context;
	const js_code = requireCode(ticket, 'the ticket');
	const phoneCode = params['phoneCode'] ? requireCode(params['phoneCode'], 'phoneCode') : undefined;
	const { openid, unionid } = sessionOf(
		await http('api', {
			path: '/sns/jscode2session',
			query: { appid: config.appId, secret: config.appSecret, js_code, grant_type: 'authorization_code' },
		}),
	);
	const phone = phoneCode ? await phoneFrom(phoneCode, context) : undefined;
	return {
		subject: openid,
		scope: `openid:${config.appId}`,
		also: unionid ? [{ subject: unionid, scope: 'unionid' }] : [],
		profile: phone ? { phone, phoneVerified: true } : {},
	};
}

/** What a scene may hold. The percent sign is missing on purpose: WeChat cannot encode what follows it. */
const scene = /^[\dA-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}$/;
const width = 430;

function pictureRequest(key: string, { page, qrForm, envVersion, checkPath }: Config) {
	const look = { env_version: envVersion, width };
	return qrForm === 'path'
		? { call: calls.path, json: { path: `${page}?${key}`, ...look } }
		: { call: calls.scene, json: { scene: key, page, check_path: checkPath, ...look } };
}

async function draw({ key }: { key: string }, context: Context): Promise<Drawing> {
	if (!scene.test(key)) throw new PluginFailure('config', 'a scene holds at most 32 plain characters');
	const { call, json } = pictureRequest(key, context.config);
	return withToken(context, async (token) =>
		pictureOf(
			call,
			await context.http('api', { path: `/wxa/${call.name}`, query: { access_token: token }, json }),
		),
	);
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	/** Without the cached token, as the present settings are to be tested. */
	async selfTest(context) {
		await fetchToken(context);
	},
	ticket: { redeem },
	scan: { draw },
});
