/**
 * A person whom a vendor has authenticated comes in: as the user they are here, as a new user, or they are first
 * asked which of the two they want to be. Redirects, tickets and scans all end here.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { emailSchema, keyOf, phoneSchema } from '../../../contract/identifiers';
import type { ExternalSubject } from '../../../plugin-kit';
import { decideArrival } from '../../domain/sign-in-policy';
import { registerLimits } from '../../limits/rules';
import { minute } from '../../runtime/clock';
import { newId } from '../../runtime/random';
import type { AppRepositories } from '../../storage/app/repositories';
import { join, type Joined, type Joining } from '../register/join';
import type { AccountDraft } from '../register/make-account';
import { beginSession, type SignedIn } from '../sign-in/begin-session';
import type { AppServices, Visitor } from '../services';
import { keepNote, openNote, useNotes, type OpenNote } from '../verify/sealed-note';
import { guestConnector } from './guests';
import { identityDraftOf } from './names-of';
import { settleNames } from './settle-names';

/** How long the person may take to decide. */
const life = 15 * minute;
/** RFC 8176 has no name for "a third party said so"; this one is in common use. */
const defaultAmr = ['fed'];

const arrivalSchema = z.object({
	connector: z.string(),
	amr: z.array(z.string()),
	draft: z.custom<AccountDraft>((value) => typeof value === 'object' && value !== null),
});
export type WaitingArrival = z.output<typeof arrivalSchema>;

export type Entered =
	| { status: 'signed-in'; signedIn: SignedIn }
	| Extract<Joined, { status: 'prove' }>
	/** May become a user (`join`), or link an account they have; `pending` names the waiting identity. */
	| { status: 'ask'; join: boolean; pending: string; connector: string; name: string };

export interface Arrived {
	connector: string;
	external: ExternalSubject;
	/** Digest of the session that this browser has now. */
	replaces?: string | undefined;
	/** What this sign-in uses up, in the transaction that signs in or links. */
	uses?: readonly OpenNote<unknown>[];
}

const parsed = (schema: typeof emailSchema, value: string | undefined): string | null => {
	const result = schema.safeParse(value ?? '');
	return result.success ? result.data : null;
};

/**
 * An address that the vendor has verified becomes the account's, unless another user here has it: an equal address
 * merges no accounts.
 */
async function draftOf(
	services: AppServices,
	{ connector, external }: Arrived,
): Promise<{ draft: AccountDraft; resembles: boolean }> {
	const { profile } = external;
	const read = services.store.read;
	const email = profile.emailVerified ? parsed(emailSchema, profile.email) : null;
	const phone = profile.phoneVerified ? parsed(phoneSchema, profile.phone) : null;
	const emailTaken =
		email !== null && (await read.users.findByIdentifier('email', keyOf(email))) !== undefined;
	const phoneTaken = phone !== null && (await read.users.findByIdentifier('phone', phone)) !== undefined;
	const identity = identityDraftOf(services.plugins.manifestOf(connector), external);
	const draft: AccountDraft = {
		id: newId(),
		username: null,
		email: emailTaken ? null : email,
		phone: phoneTaken ? null : phone,
		name: identity.name,
		emailVerified: email !== null && !emailTaken,
		phoneVerified: phone !== null && !phoneTaken,
		identity,
	};
	return { draft, resembles: emailTaken || phoneTaken };
}

/** The user whom the names belong to is signed in, in the transaction that finds the user. */
async function enterKnown(
	services: AppServices,
	tx: AppRepositories,
	{ arrived, draft, visitor }: { arrived: Arrived; draft: AccountDraft; visitor: Visitor },
): Promise<SignedIn | undefined> {
	await useNotes(services, tx, arrived.uses);
	if (!draft.identity) return undefined;
	const settled = await settleNames(services, tx, { draft: draft.identity, visitor });
	if (!settled) return undefined;
	const { connector, replaces } = arrived;
	const proof = { user: settled.user, amr: amrOf(services, connector), connector, replaces };
	return beginSession(services, tx, { proof, visitor });
}

function amrOf(services: AppServices, connector: string): string[] {
	const { amr } = services.plugins.manifestOf(connector);
	// A guest has proven nothing.
	return amr.length > 0 || connector === guestConnector ? amr : defaultAmr;
}

const methodOf = (connector: string): Joining['method'] =>
	connector === guestConnector ? 'guest' : 'external';

/** No vendor authenticates a guest, so nothing else limits how many there are. */
const spendGuest = ({ limiter }: Pick<AppServices, 'limiter'>, visitor: Visitor): Promise<void> =>
	limiter.spend({ by: visitor, on: registerLimits(visitor) });

/** @throws Refusal auth/account-disabled, auth/registration-closed, auth/too-many-attempts */
export async function enterExternal(
	services: AppServices,
	arrived: Arrived,
	visitor: Visitor,
): Promise<Entered> {
	const { draft, resembles } = await draftOf(services, arrived);
	const known = await services.store.write((tx) => enterKnown(services, tx, { arrived, draft, visitor }));
	services.wakeLogout();
	if (known) return { status: 'signed-in', signedIn: known };
	const { connector, replaces } = arrived;
	const method = methodOf(connector);
	const decision = decideArrival(await services.settings(), {
		method,
		resembles,
		proven: { email: draft.emailVerified, phone: draft.phoneVerified },
		joins: method === 'guest',
	});
	const amr = amrOf(services, connector);
	if (decision.do === 'refuse') throw new Refusal(decision.code);
	if (method === 'guest') await spendGuest(services, visitor);
	if (decision.do !== 'ask')
		return join(services, { joining: { draft, method, connector, amr }, replaces }, visitor);
	const data: WaitingArrival = { connector, amr, draft };
	const pending = await services.store.write((tx) =>
		keepNote(services, tx, { purpose: 'arrival', data, life }),
	);
	return { status: 'ask', join: decision.join, pending, connector, name: draft.name };
}

/** The identity that waits for the person's answer. @throws Refusal interaction/expired */
export async function openArrival(services: AppServices, pending: string): Promise<OpenNote<WaitingArrival>> {
	return openNote(services, { token: pending, purpose: 'arrival' }, arrivalSchema);
}

/** The person chose a new account. @throws Refusal interaction/expired, auth/registration-closed */
export async function joinExternal(
	services: AppServices,
	input: { pending: string; replaces?: string | undefined },
	visitor: Visitor,
): Promise<Joined> {
	const note = await openArrival(services, input.pending);
	const { draft, connector, amr } = note.data;
	const joining: Joining = { draft, method: methodOf(connector), connector, amr };
	return join(services, { joining, uses: [note], replaces: input.replaces }, visitor);
}
