/** When a person has to sign in or to consent. */
import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { isImpersonable } from './clients';
import type { EngineApp } from './engine-app';
import { liveSession, standsOnLiveSession } from './live-session';

const { Check, base } = interactionPolicy;

/** Key in a login's details for the browser's session it began in: a different session means a sign-in since. */
export const beganIn = 'browser_session';

const signedIn = (app: EngineApp) =>
	new Check('live_session', 'the browser is not signed in as this user', 'login_required', async (ctx) => {
		if (!ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
		return (await standsOnLiveSession(app, ctx)) ? Check.NO_NEED_TO_PROMPT : Check.REQUEST_PROMPT;
	});

const redirectOf = (ctx: KoaContextWithOIDC) => String(ctx.oidc.params?.['redirect_uri']);

/**
 * In place of the engine's own, which asks for consent each time also for native clients with an https address of
 * their own.
 */
const nativeClient = () =>
	new Check('native_client', 'native clients ask each time', 'interaction_required', (ctx) => {
		const { client, result } = ctx.oidc;
		const asks = client?.applicationType === 'native' && isImpersonable(redirectOf(ctx)) && !result?.consent;
		return asks ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
	});

export function policyFor(app: EngineApp): interactionPolicy.DefaultPolicy {
	const policy = base();
	const [login, consent] = [policy.get('login'), policy.get('consent')];
	if (!login || !consent) throw new Error('the engine lacks a prompt that it had');
	login.checks.add(signedIn(app));
	const detailsOfLogin = login.details;
	login.details = async (ctx) => ({
		...(await detailsOfLogin(ctx)),
		[beganIn]: (await liveSession(app, ctx))?.id,
	});
	consent.checks.remove('native_client_prompt');
	consent.checks.add(nativeClient());
	return policy;
}
