/** Alipay: web authorization in any browser, and the one-time code that a mini program gets. */
import { z } from 'zod';
import {
	definePlugin,
	PluginFailure,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
	type TicketToRedeem,
} from '@menshen/plugin-kit';
import { callGateway, type Account } from './gateway';
import { isPair, privateKeySchema, publicKeySchema } from './keys';
import manifest from './manifest.json';
import { infoReply, tokenReply, type TokenReply } from './replies';

const configSchema = z
	.object({
		appId: z.string(),
		privateKey: privateKeySchema,
		alipayKey: publicKeySchema,
		scope: z.enum(['auth_user', 'auth_base']),
		separateMini: z.boolean().default(false),
		miniAppId: z.string().optional(),
		miniPrivateKey: privateKeySchema.optional(),
		miniAlipayKey: publicKeySchema.optional(),
	})
	.refine(({ privateKey, alipayKey }) => !isPair(privateKey, alipayKey), { path: ['alipayKey'] })
	.refine(
		({ miniPrivateKey, miniAlipayKey }) =>
			!miniPrivateKey || !miniAlipayKey || !isPair(miniPrivateKey, miniAlipayKey),
		{ path: ['miniAlipayKey'] },
	);
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

/** The application that a mini program's codes belong to. */
function miniAccountOf(config: Config): Account {
	if (!config.separateMini) return config;
	const { miniAppId: appId, miniPrivateKey: privateKey, miniAlipayKey: alipayKey } = config;
	if (appId && privateKey && alipayKey) return { appId, privateKey, alipayKey };
	throw new PluginFailure('config', "the mini program's settings are incomplete");
}

function exchange(code: string, account: Account, context: Context): Promise<TokenReply> {
	const params = { grant_type: 'authorization_code', code };
	return callGateway({ context, account }, { method: 'alipay.system.oauth.token', params }, tokenReply);
}

/** All ids of this person at Alipay; the open_id, where there is one, comes first. */
function namesOf({ open_id, union_id, user_id }: TokenReply, { appId }: Account) {
	const names = [
		{ subject: open_id, scope: `openid:${appId}` },
		{ subject: user_id, scope: 'user' },
		{ subject: union_id, scope: 'unionid' },
	].flatMap(({ subject, scope }) => (subject ? [{ subject, scope }] : []));
	const [first, ...also] = names;
	if (!first || first.scope === 'unionid')
		throw new PluginFailure('unavailable', 'Alipay answered with neither open_id nor user_id');
	return { ...first, also };
}

async function profileOf(token: TokenReply, context: Context) {
	if (context.config.scope === 'auth_base') return {};
	const params = { auth_token: token.access_token };
	const call = { method: 'alipay.user.info.share', params } as const;
	const info = await callGateway({ context, account: context.config }, call, infoReply);
	const differs = (['open_id', 'user_id'] as const).some(
		(name) => info[name] && token[name] && info[name] !== token[name],
	);
	if (differs) throw new PluginFailure('unavailable', 'Alipay answered about two different people');
	return { name: info.nick_name, avatar: info.avatar };
}

function begin({ redirectUri, state }: RedirectStart, { config, address }: Context) {
	const url = new URL(address('authorize'));
	const { appId: app_id, scope } = config;
	url.search = new URLSearchParams({ app_id, scope, redirect_uri: redirectUri, state }).toString();
	return { url: url.href };
}

async function finish({ query }: RedirectReturn, context: Context) {
	const code = query['auth_code'];
	if (!code) throw new PluginFailure('cancelled', 'the person turned back at Alipay');
	const token = await exchange(code, context.config, context);
	return { ...namesOf(token, context.config), profile: await profileOf(token, context) };
}

async function redeem({ ticket }: TicketToRedeem, context: Context) {
	const account = miniAccountOf(context.config);
	return namesOf(await exchange(ticket, account, context), account);
}

/** A code that was never issued: Alipay reports that only after it found application, key and signature valid. */
async function probe(account: Account, context: Context): Promise<void> {
	try {
		await exchange('selftest', account, context);
	} catch (error) {
		if (error instanceof PluginFailure && error.reason === 'refused') return;
		throw error;
	}
}

async function selfTest(context: Context): Promise<void> {
	await probe(context.config, context);
	if (context.config.separateMini) await probe(miniAccountOf(context.config), context);
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest,
	redirect: { begin, finish },
	ticket: { redeem },
});
