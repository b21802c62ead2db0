/** Sign in with Apple: by redirect (the answer is a posted form), and by the identity token of a native app. */
import { createHash } from 'node:crypto';
import {
	definePlugin,
	PluginFailure,
	type PluginContext,
	type RedirectReturn,
	type RedirectStart,
	type TicketToRedeem,
} from '@menshen/plugin-kit';
import {
	authorizationUrl,
	codeOf,
	idTokenOf,
	tokenRequest,
	tokensOf,
	tryClient,
} from '@menshen/plugin-kit/oauth2';
import { createOpenidMemory, profileOf, verifyIdToken, type IdTokenClaims } from '@menshen/plugin-kit/openid';
import { clientOf, issuer } from './client-secret';
import { configSchema, type Config } from './config';
import manifest from './manifest.json';
import { idTokenClaims, userField } from './replies';

type Context = PluginContext<Config>;
const memory = createOpenidMemory();

/** Apple's own error code beside those of RFC 6749. */
const words = { user_cancelled_authorize: 'cancelled' } as const;

const expectedBy = ({ address, http, now }: Context) => ({
	issuer,
	keys: memory.keys({ address: address('keys'), load: () => http('keys'), now: now() }),
	now: now(),
});

/** Apple's subjects are the same in all apps and services of one team, and in no other. */
function subjectOf(claims: IdTokenClaims, { config }: Context, name?: string) {
	const { email, email_verified: verified } = idTokenClaims.parse(claims);
	const profile = profileOf({ name, email, email_verified: verified });
	return { subject: claims.sub, scope: `team:${config.teamId}`, profile };
}

function begin({ redirectUri, state, nonce }: RedirectStart, { config, address }: Context) {
	const url = authorizationUrl({
		endpoint: address('authorize'),
		clientId: config.servicesId,
		redirectUri,
		state,
		scopes: ['name', 'email'],
		// Without it Apple refuses to be asked for name and email.
		more: { nonce, response_mode: 'form_post' },
	});
	return { url };
}

/** A name for the profile, nothing more: it comes through the browser, and nobody signed it. */
function nameIn(user: string | undefined): string | undefined {
	if (!user) return undefined;
	try {
		const { firstName = '', lastName = '' } = userField.parse(JSON.parse(user)).name ?? {};
		const han = /\p{Script=Han}/u.test(firstName + lastName);
		return (han ? `${lastName}${firstName}` : `${firstName} ${lastName}`).trim() || undefined;
	} catch {
		return undefined;
	}
}

async function finish({ query, redirectUri, nonce }: RedirectReturn, context: Context) {
	const code = codeOf(query, words);
	const client = await clientOf(context.config, context.now());
	const reply = await context.http('token', tokenRequest({ client, code, redirectUri }));
	const token = idTokenOf(tokensOf(reply, words));
	const claims = await verifyIdToken(token, { ...expectedBy(context), audience: client.id, nonce });
	return subjectOf(claims, context, nameIn(query['user']));
}

/**
 * The app asked Apple with the SHA-256 of a nonce and sends the nonce itself: a stolen token alone does not sign
 * anyone in.
 */
async function redeem({ ticket, params }: TicketToRedeem, context: Context) {
	const { bundleIds } = context.config;
	if (bundleIds.length === 0) throw new PluginFailure('config', 'no bundle id is set');
	const { nonce } = params;
	if (!nonce) throw new PluginFailure('refused', 'the app sent no nonce');
	const hashed = createHash('sha256').update(nonce).digest('hex');
	const expected = { ...expectedBy(context), audience: bundleIds, nonce: hashed };
	return subjectOf(await verifyIdToken(ticket, expected), context);
}

async function selfTest(context: Context): Promise<void> {
	const client = await clientOf(context.config, context.now());
	await tryClient(client, (request) => context.http('token', request), words);
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest,
	redirect: { begin, finish },
	ticket: { redeem },
});
