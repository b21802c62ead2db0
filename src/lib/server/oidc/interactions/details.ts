/** What an interaction page has to ask. */
import { decodeJwt } from 'jose';
import type { Client } from 'oidc-provider';
import { Refusal } from '../../../contract/errors';
import { second } from '../../runtime/clock';
import type { Session } from '../../sessions/sessions';
import type { User } from '../../storage/app/users';
import { isFirstParty, isImpersonable } from '../clients';
import type { EngineApp } from '../engine-app';
import { sessionBehind } from '../live-session';
import { beganIn } from '../policy';
import { scopesOf } from '../scopes';
import type { Interaction, OpenInteraction, Visit } from './open-interaction';

export interface ClientView {
	id: string;
	name: string;
	/** Name of the client; may be empty. */
	website: string;
	/** Where the person is sent afterwards: a host, or the scheme of an app on their device. */
	destination: string;
	/**
	 * A program on the person's own device receives the answer, and any other program could impersonate it (RFC 8252
	 * §8.6).
	 */
	onDevice: boolean;
	firstParty: boolean;
}

interface Shared {
	client: ClientView;
	/** `ui_locales` as asked for, best first. */
	uiLocales: string | undefined;
}

export interface LoginDetails extends Shared {
	kind: 'login';
	/** What the client believes the person's identifier to be. */
	loginHint: string | undefined;
	/** The connector the client would like to begin with. */
	connector: string | undefined;
	/** Whether the client asked for a fresh sign-in (`prompt=login`, `max_age`). */
	fresh: boolean;
	/** The browser's session suffices already: the login is finished with it. */
	canContinue: boolean;
}

export interface ConsentDetails extends Shared {
	kind: 'consent';
	/** All scopes that are asked for. */
	scopes: string[];
	/** The scopes that were not allowed before; all of them where the person is asked for another reason. */
	newScopes: string[];
	account: { id: string; name: string; detail: string };
}

export type InteractionDetails = LoginDetails | ConsentDetails;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);

function viewClient(client: Client, redirectUri: string): ClientView {
	const { protocol, host } = new URL(redirectUri);
	return {
		id: client.clientId,
		name: client.clientName ?? client.clientId,
		website: client.clientUri ?? '',
		destination: protocol.startsWith('http') ? host : protocol.slice(0, -1),
		onDevice: isImpersonable(redirectUri),
		firstParty: isFirstParty(client),
	};
}

function hintsAtOther(interaction: Interaction, session: Session): boolean {
	const hint = text(interaction.params['id_token_hint']);
	return hint !== undefined && decodeJwt(hint).sub !== session.userId;
}

/** Interactions have their time in whole seconds, so the session must also be a different one. */
const isMadeSince = ({ iat, prompt }: Interaction, session: Session) =>
	session.id !== prompt.details[beganIn] && session.authTime >= iat * second;

/** Whether the sign-in behind the session is as recent as the client wants it. */
function isRecentEnough(interaction: Interaction, session: Session, now: number): boolean {
	if (isMadeSince(interaction, session)) return true;
	if (interaction.prompt.reasons.includes('login_prompt')) return false;
	const maxAge = interaction.params['max_age'];
	return maxAge === undefined || now - session.authTime <= Number(maxAge) * second;
}

/** The session that may finish this login without asking again. */
export async function continuableSession(
	app: EngineApp,
	interaction: Interaction,
	visit: Visit,
): Promise<Session | undefined> {
	const session = await sessionBehind(app, visit.cookie);
	if (
		!session ||
		hintsAtOther(interaction, session) ||
		!isRecentEnough(interaction, session, app.clock.now())
	)
		return undefined;
	const user = await app.store.read.users.findById(session.userId);
	return user?.status === 'active' ? session : undefined;
}

/** The user who is asked to consent, still signed in. @throws Refusal interaction/expired */
export async function consentingUser(app: EngineApp, interaction: Interaction, visit: Visit): Promise<User> {
	const session = await sessionBehind(app, visit.cookie);
	const user = session && (await app.store.read.users.findById(session.userId));
	if (user?.status !== 'active' || user.id !== interaction.session?.accountId)
		throw new Refusal('interaction/expired');
	return user;
}

async function consentDetails(
	app: EngineApp,
	open: OpenInteraction,
	visit: Visit,
): Promise<Omit<ConsentDetails, keyof Shared>> {
	const { interaction } = open;
	const user = await consentingUser(app, interaction, visit);
	const scopes = scopesOf(interaction.params['scope']);
	const missing = interaction.prompt.details['missingOIDCScope'];
	const name = user.name || user.username || user.email || user.phone || user.id;
	const detail = [user.email, user.phone, user.username].find((part) => part && part !== name) ?? '';
	return {
		kind: 'consent',
		scopes,
		newScopes: Array.isArray(missing) ? missing.map(String) : scopes,
		account: { id: user.id, name, detail },
	};
}

export async function describeInteraction(
	app: EngineApp,
	open: OpenInteraction,
	visit: Visit,
): Promise<InteractionDetails> {
	const { interaction, client } = open;
	const { params, prompt } = interaction;
	const shared = {
		client: viewClient(client, String(params['redirect_uri'])),
		uiLocales: text(params['ui_locales']),
	};
	if (prompt.name === 'consent') return { ...shared, ...(await consentDetails(app, open, visit)) };
	return {
		...shared,
		kind: 'login',
		loginHint: text(params['login_hint']),
		connector: text(params['connector']),
		fresh: prompt.reasons.includes('login_prompt') || prompt.reasons.includes('max_age'),
		canContinue: (await continuableSession(app, interaction, visit)) !== undefined,
	};
}
