/**
 * The path of all sign-ups: asks the policy what is still missing, keeps the account sealed until it is proven,
 * then makes it and signs the person in.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { decideArrival } from '../../domain/sign-in-policy';
import { minute } from '../../runtime/clock';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import { beginSession, type SignedIn } from '../sign-in/begin-session';
import { welcomeSender } from '../messages/welcome';
import type { AppServices, Visitor } from '../services';
import { keepNote, openNote, useNote, type OpenNote } from '../verify/sealed-note';
import { accountDraftSchema, makeAccount } from './make-account';

/** Long enough to receive two codes. */
const life = 30 * minute;

const joiningSchema = z.object({
	draft: accountDraftSchema,
	method: z.enum(['system', 'external', 'guest']),
	connector: z.string(),
	amr: z.array(z.string()),
});
export type Joining = z.output<typeof joiningSchema>;

export type Joined =
	| { status: 'signed-in'; signedIn: SignedIn }
	/** The app wants this proven first; `pending` names the waiting account. */
	| { status: 'prove'; what: 'email' | 'phone'; pending: string };

/** New accounts wait when the disk is full; signing in goes on. */
const growing = { grows: true };

type Used = Pick<OpenNote<unknown>, 'row'>;

interface Order {
	joining: Joining;
	/** The proofs and notes that led here: used up. */
	uses?: readonly Used[];
	/** Digest of the session that this browser has now. */
	replaces?: string | undefined;
	/** Further writes in the transaction that makes the account. */
	whenMade?: (tx: AppRepositories, user: User) => Promise<void>;
}

/** @throws Refusal auth/registration-closed, auth/method-unavailable, user/username-taken, user/identifier-taken */
export async function join(services: AppServices, order: Order, visitor: Visitor): Promise<Joined> {
	const { joining, uses = [], replaces } = order;
	const { draft, method, connector, amr } = joining;
	const proven = { email: draft.emailVerified, phone: draft.phoneVerified };
	const decision = decideArrival(await services.settings(), { method, proven, joins: true });
	if (decision.do === 'refuse') throw new Refusal(decision.code);
	const welcome = await welcomeSender(services);
	const joined = await services.store.write(async (tx): Promise<Joined> => {
		for (const used of uses) await useNote(services, tx, used);
		if (decision.do === 'prove') {
			const pending = await keepNote(services, tx, { purpose: 'joining', data: joining, life });
			return { status: 'prove', what: decision.what, pending };
		}
		const guest = method === 'guest';
		const { user, credential } = await makeAccount(services, tx, {
			draft,
			connector,
			guest,
			welcome,
			visitor,
		});
		await order.whenMade?.(tx, user);
		const proof = { user, amr, connector, credential, replaces };
		return { status: 'signed-in', signedIn: await beginSession(services, tx, { proof, visitor }) };
	}, growing);
	services.wakeDelivery();
	return joined;
}

/** The account that waits for a proof. @throws Refusal interaction/expired */
export async function openJoining(services: AppServices, pending: string): Promise<OpenNote<Joining>> {
	return openNote(services, { token: pending, purpose: 'joining' }, joiningSchema);
}
