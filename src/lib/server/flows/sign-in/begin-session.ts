/** The one way in which a user gets signed in, whichever method proved them: one transaction, then the answer. */
import { Refusal } from '../../../contract/errors';
import { whyNotSignIn } from '../../domain/sign-in-policy';
import type { StartedSession } from '../../sessions/sessions';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { recordEvent } from '../audit/record-event';
import { endSession } from '../sign-out/end-sessions';
import type { AppServices, Visitor } from '../services';
import { issueKnownBrowser } from './known-browser';

export interface SignedIn {
	user: User;
	session: StartedSession;
	/** The known-browser note; set after a proof that strangers could block by guessing. */
	knownBrowser?: string;
}

interface Proof {
	user: User;
	/** RFC 8176 values of what was proven. */
	amr: readonly string[];
	connector: string;
	/** Id of the password that was proven: a new one makes notes of known browsers void. */
	credential?: string | undefined;
	/** Digest of the session this browser had: signing in always makes a new one. */
	replaces?: string | undefined;
}

type Needs = Pick<AppServices, 'sessions' | 'vault' | 'clock' | 'engine'>;

/** Runs in the caller's transaction. @throws Refusal auth/account-disabled */
export async function beginSession(
	services: Needs,
	tx: AppRepositories,
	{ proof, visitor }: { proof: Proof; visitor: Visitor },
): Promise<SignedIn> {
	const { user } = proof;
	const refusal = whyNotSignIn(user);
	if (refusal) throw new Refusal(refusal);
	const now = services.clock.now();
	const replaced = proof.replaces ? await tx.sessions.find(proof.replaces) : undefined;
	const session = await services.sessions.start(tx, user.id, {
		amr: proof.amr,
		device: visitor.device,
		address: visitor.address,
	});
	if (replaced?.userId === user.id) {
		// The same user signed in again: relying parties stay signed in.
		await tx.sessions.delete(replaced.id);
		if (replaced.engineSession)
			await tx.sessions.linkEngineSession(session.session.id, replaced.engineSession);
	} else if (replaced) await endSession(services, tx, { id: replaced.id });
	await tx.users.recordSignIn(user.id, now);
	await recordEvent(
		tx,
		{
			action: 'user.sign-in',
			actor: { kind: 'user', id: user.id },
			target: `user:${user.id}`,
			detail: { connector: proof.connector },
		},
		{ clock: services.clock, visitor },
	);
	return {
		user: { ...user, lastSignInAt: now, signInCount: user.signInCount + 1 },
		session,
		...(proof.credential
			? { knownBrowser: issueKnownBrowser(services.vault, { userId: user.id, credential: proof.credential }) }
			: {}),
	};
}
