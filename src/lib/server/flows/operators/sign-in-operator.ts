/** Operators sign in at the console by email and password, under the same limits as users. */
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { digest } from '../../runtime/vault';
import type { StartedSession } from '../../sessions/sessions';
import type { ControlRepositories } from '../../storage/control/repositories';
import type { Operator } from '../../storage/control/operators';
import { nobody, recordEvent } from '../audit/record-event';
import { issueKnownBrowser, recogniseBrowser } from '../sign-in/known-browser';
import { accountKey, signInLimits } from '../sign-in/sign-in-limits';
import type { ApplianceServices, Visitor } from '../services';
import { viewOperator, type OperatorView } from './operators';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'sessions' | 'limiter' | 'vault' | 'clock'>;

export interface OperatorSignedIn {
	operator: OperatorView;
	session: StartedSession;
	/** For the known-browser cookie. */
	knownBrowser: string;
}

type Secret = Pick<Operator, 'id' | 'password'>;

/** A new password makes the notes of known browsers void. */
const known = ({ id, password }: Secret) => ({ userId: id, credential: digest(password) });

/** @returns the note for the browser in which the password was proven or chosen */
export const markKnownBrowser = (vault: Needs['vault'], operator: Secret): string =>
	issueKnownBrowser(vault, known(operator));

export async function beginOperatorSession(
	services: Pick<Needs, 'sessions' | 'vault' | 'clock'>,
	tx: ControlRepositories,
	{ operator, visitor, replaces }: { operator: Operator; visitor: Visitor; replaces?: string | undefined },
): Promise<OperatorSignedIn> {
	if (replaces) await tx.sessions.delete(replaces);
	const session = await services.sessions.start(tx, operator.id, {
		amr: ['pwd'],
		device: visitor.device,
		address: visitor.address,
	});
	await tx.operators.recordSignIn(operator.id, services.clock.now());
	await recordEvent(
		tx,
		{
			action: 'operator.sign-in',
			actor: { kind: 'operator', id: operator.id },
			target: `operator:${operator.id}`,
		},
		{ clock: services.clock, visitor },
	);
	const knownBrowser = markKnownBrowser(services.vault, operator);
	return { operator: viewOperator(operator), session, knownBrowser };
}

const targetOf = (operator: Operator | undefined) => (operator ? `operator:${operator.id}` : '');

/** @throws Refusal auth/invalid-credentials, auth/too-many-attempts */
export async function signInOperator(
	services: Needs,
	input: { email: string; password: string; replaces?: string | undefined },
	visitor: Visitor,
): Promise<OperatorSignedIn> {
	const key = keyOf(input.email).slice(0, 254);
	const found = await services.control.read.operators.findByEmail(key);
	const method = services.plugins.appliance.secret('password');
	const prove = async () => {
		const verdict = await method.check({ secret: input.password, stored: found?.password });
		if (verdict.ok && found) return { operator: found, rehash: verdict.rehash };
		await services.control.write((tx) =>
			recordEvent(
				tx,
				{
					action: 'operator.sign-in',
					outcome: 'refused',
					actor: nobody,
					target: targetOf(found),
				},
				{ clock: services.clock, visitor },
			),
		);
		throw new Refusal('auth/invalid-credentials');
	};
	const account = accountKey(services.vault, key);
	const knownBrowser = found && recogniseBrowser(services.vault, known(found), visitor.knownBrowser);
	const { operator, rehash } = await services.limiter.guard(
		signInLimits({ account, knownBrowser, target: targetOf(found) }, visitor),
		prove,
	);
	return services.control.write(async (tx) => {
		await tx.operators.hold(operator.id);
		const now = await tx.operators.findById(operator.id);
		if (now?.password !== operator.password) throw new Refusal('auth/invalid-credentials');
		if (rehash)
			await tx.operators.replacePassword(operator.id, {
				from: operator.password,
				to: rehash,
				now: services.clock.now(),
			});
		const proven = { ...operator, password: rehash ?? operator.password };
		return beginOperatorSession(services, tx, { operator: proven, visitor, replaces: input.replaces });
	});
}

/** The operator whom the console's cookie belongs to. */
export async function findCurrentOperator(
	services: Pick<Needs, 'sessions' | 'control'>,
	cookieHeader: string | null,
): Promise<{ operator: OperatorView; sessionId: string } | undefined> {
	const token = services.sessions.tokenFrom(cookieHeader);
	const session = token ? await services.sessions.validate(token) : undefined;
	const operator = session && (await services.control.read.operators.findById(session.userId));
	return operator ? { operator: viewOperator(operator), sessionId: session.id } : undefined;
}

export async function signOutOperator(
	services: Pick<Needs, 'control' | 'clock'>,
	session: { sessionId: string; operatorId: string },
	visitor: Visitor,
): Promise<void> {
	await services.control.write(async (tx) => {
		await tx.sessions.delete(session.sessionId);
		await recordEvent(
			tx,
			{
				action: 'operator.sign-out',
				actor: { kind: 'operator', id: session.operatorId },
				target: `operator:${session.operatorId}`,
			},
			{ clock: services.clock, visitor },
		);
	});
}
