/** Facebook accounts: the login dialog, then who it is from the Graph API. */
import {
	definePlugin,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
} from '@menshen/plugin-kit';
import { authorizationUrl, codeOf } from '@menshen/plugin-kit/oauth2';
import { profileOf } from '@menshen/plugin-kit/openid';
import { z } from 'zod';
import { ask, proofOf } from './graph';
import manifest from './manifest.json';
import { meReply, tokenReply } from './replies';

const configSchema = z.object({ appId: z.string(), appSecret: z.string() });
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

function begin({ redirectUri, state }: RedirectStart, { config, address }: Context) {
	const endpoint = address('authorize');
	const scopes = ['public_profile', 'email'];
	return { url: authorizationUrl({ endpoint, clientId: config.appId, redirectUri, state, scopes }) };
}

/** The dialog answers faults of the settings with a number in place of an error. */
function dialogCodeOf(query: RedirectReturn['query']): string {
	const { error_code: number, code } = query;
	const error = query['error'] || (number && !code ? `error_code ${number}` : '');
	return codeOf({ ...query, ...(error ? { error } : {}) }, { [`error_code ${number}`]: 'config' });
}

async function finish({ query, redirectUri }: RedirectReturn, context: Context) {
	const { appId, appSecret } = context.config;
	const exchange = {
		client_id: appId,
		client_secret: appSecret,
		redirect_uri: redirectUri,
		code: dialogCodeOf(query),
	};
	const { access_token: token } = await ask(
		context,
		{ path: '/oauth/access_token', query: exchange },
		tokenReply,
	);
	const person = await ask(
		context,
		{
			path: '/me',
			query: {
				fields: 'id,name,email,picture.type(large)',
				access_token: token,
				appsecret_proof: proofOf(token, appSecret),
			},
		},
		meReply,
	);
	const { data: picture } = person.picture ?? {};
	// Facebook gives an address without saying that it belongs to the person: so it does not count as verified.
	const claims = {
		name: person.name,
		email: person.email,
		picture: picture?.is_silhouette ? undefined : picture?.url,
	};
	return { subject: person.id, scope: `app:${appId}`, profile: profileOf(claims) };
}

/** Facebook gives an app's own token to any caller that knows its secret. */
async function selfTest(context: Context): Promise<void> {
	const { appId, appSecret } = context.config;
	const query = { client_id: appId, client_secret: appSecret, grant_type: 'client_credentials' };
	await ask(context, { path: '/oauth/access_token', query }, tokenReply);
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest,
	redirect: { begin, finish },
});
