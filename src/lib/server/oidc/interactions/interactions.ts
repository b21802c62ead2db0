/** The interactions, as the pages that lead a person through them know them. */
import { Refusal } from '../../../contract/errors';
import { digest } from '../../runtime/vault';
import { inOneWrite, type RequestWrites } from '../adapter/request-writes';
import type { Engine } from '../engine';
import type { EngineLink } from '../engine-link';
import { loginOf } from '../live-session';
import { addEvent } from '../record-events';
import { consentingUser, continuableSession, describeInteraction, type InteractionDetails } from './details';
import { openInteraction, type Interaction, type OpenInteraction, type Visit } from './open-interaction';
import { rememberConsent } from './remember-consent';

/** A proven user. */
export interface Login {
	userId: string;
	/** RFC 8176 values. */
	amr: readonly string[];
	/** When they were proven, milliseconds. */
	authTime: number;
}

/** Where to send the browser with a 303. */
export interface Onward {
	location: string;
}

export interface Interactions {
	/** @throws Refusal interaction/expired, interaction/not-yours */
	details(visit: Visit): Promise<InteractionDetails>;
	/** Goes on as a user who was just proven. @throws as details */
	finishLogin(visit: Visit, login: Login): Promise<Onward>;
	/**
	 * Goes on with the session that the browser has. @throws as details; Refusal auth/not-signed-in where that
	 * session does not suffice
	 */
	finishWithSession(visit: Visit): Promise<Onward>;
	/** @throws as details */
	finishConsent(visit: Visit, decision: 'allow' | 'deny'): Promise<Onward>;
	/**
	 * Repeats the client's request with the sign-in first, for a person who wants to be another user. @throws as
	 * details
	 */
	startOver(visit: Visit): Promise<Onward>;
	/** Back to the client with `access_denied`. @throws as details */
	abort(visit: Visit): Promise<Onward>;
}

interface Needs {
	origin: URL;
	engineFor(app: number): Promise<Engine>;
	link: EngineLink;
}

interface Step {
	engine: Engine;
	open: OpenInteraction;
	writes: RequestWrites;
}

type Result = Parameters<Engine['provider']['interactionResult']>[2];

const denied: Result = { error: 'access_denied', error_description: 'the user did not allow it' };

async function conclude({ engine, open }: Step, result: Result): Promise<Onward> {
	return { location: await engine.provider.interactionResult(...open.pair, result) };
}

async function detach(interaction: Interaction): Promise<void> {
	interaction.session = undefined;
	await interaction.persist();
}

/**
 * An interaction belongs to the engine session it began in. Where that session is over, the interaction goes on
 * without it; where it is another user's, that session ends here: one browser, one user.
 */
async function settleOrigin(
	{ open: { interaction }, writes }: Step,
	link: EngineLink,
	userId: string,
): Promise<void> {
	if (!interaction.session) return;
	const uid = digest(interaction.session.uid);
	const session = await writes.findByUid('Session', uid);
	if (session?.accountId === userId) return;
	if (session) writes.also((tx) => link.endSession(tx, uid));
	await detach(interaction);
}

/** The parameters as the client sent them; a consent page that it asked for is shown again. */
function askAgain({ params }: Interaction): string {
	const sent = Object.entries(params).filter(
		(entry): entry is [string, string] => typeof entry[1] === 'string',
	);
	const query = new URLSearchParams(sent);
	query.set('prompt', query.get('prompt')?.split(' ').includes('consent') ? 'login consent' : 'login');
	return query.toString();
}

const wrongPrompt = () =>
	new Refusal('interaction/expired', { detail: 'the interaction asks for something else' });

export function createInteractions({ origin, engineFor, link }: Needs): Interactions {
	const step = async <T>(visit: Visit, work: (step: Step) => Promise<T>): Promise<T> => {
		const engine = await engineFor(visit.app);
		return inOneWrite(engine.app.store, async (writes) =>
			work({ engine, writes, open: await openInteraction(engine, origin, visit) }),
		);
	};
	const login = async (current: Step, proven: Login): Promise<Onward> => {
		if (current.open.interaction.prompt.name !== 'login') throw wrongPrompt();
		await settleOrigin(current, link, proven.userId);
		const { accountId, loginTs: ts, amr } = loginOf(proven);
		return conclude(current, { login: { accountId, ts, amr, remember: true } });
	};
	return {
		details: (visit) => step(visit, ({ engine, open }) => describeInteraction(engine.app, open, visit)),
		finishLogin: (visit, proven) => step(visit, (current) => login(current, proven)),
		finishWithSession: (visit) =>
			step(visit, async (current) => {
				const session = await continuableSession(current.engine.app, current.open.interaction, visit);
				if (!session) throw new Refusal('auth/not-signed-in');
				return login(current, session);
			}),
		finishConsent: (visit, decision) =>
			step(visit, async (current) => {
				const { engine, open } = current;
				if (open.interaction.prompt.name !== 'consent') throw wrongPrompt();
				const user = await consentingUser(engine.app, open.interaction, visit);
				const target = `client:${open.client.clientId}`;
				addEvent(
					engine.app,
					{ action: `consent.${decision}`, actor: { kind: 'user', id: user.id }, target },
					visit.address ?? '',
				);
				if (decision === 'deny') return conclude(current, denied);
				const grantId = await rememberConsent(engine, open, current.writes);
				return conclude(current, { consent: { grantId } });
			}),
		startOver: (visit) =>
			step(visit, async ({ engine, open }) => ({
				location: `${origin.origin}${engine.mount}/oidc/auth?${askAgain(open.interaction)}`,
			})),
		abort: (visit) => step(visit, (current) => conclude(current, denied)),
	};
}
