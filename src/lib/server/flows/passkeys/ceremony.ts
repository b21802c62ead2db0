/**
 * Passkeys (WebAuthn Level 3): a challenge is made, kept sealed, and answered once by the browser that asked. The
 * ceremony plugin verifies the answer; whose key it is, is decided here.
 */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import type { CeremonyOptions, CeremonyVerdict } from '../../../plugin-kit';
import { decideArrival } from '../../domain/sign-in-policy';
import { minute } from '../../runtime/clock';
import { digest, sameSecret } from '../../runtime/vault';
import { mayRemove } from '../../domain/ways-in';
import type { AppRepositories } from '../../storage/app/repositories';
import type { Passkey } from '../../storage/app/passkeys';
import type { User } from '../../storage/app/users';
import { isDuplicate } from '../../storage/engine/failures';
import { holdOwner, type OwnSession } from '../account/hold-owner';
import { nobody, recordEvent } from '../audit/record-event';
import { requireUpgradable, upgradeGuest } from '../external/guests';
import { listWaysIn, readWorkingWays } from '../external/link-external';
import { beginSession, type SignedIn } from '../sign-in/begin-session';
import type { AppServices, Visitor } from '../services';
import { passkeyLimits } from '../verify/send-limits';
import { keepNote, openNote, useNote, type OpenNote } from '../verify/sealed-note';

const life = 5 * minute;
const defaultConnector = 'passkey';
const defaultAmr = ['hwk', 'user'];

const ceremonySchema = z.object({
	connector: z.string(),
	purpose: z.enum(['enrol', 'prove']),
	kept: z.string(),
	browser: z.string().optional(),
	user: z.object({ id: z.string(), name: z.string() }).optional(),
});
type Ceremony = z.output<typeof ceremonySchema>;

export interface CeremonyOrder {
	connector?: string;
	/** What the browser's cookie holds. */
	browser?: string | undefined;
	/** The user who enrols a key; absent: a sign-in. */
	user?: User | undefined;
}

export interface BegunCeremony {
	/** Names the ceremony; comes back with the answer. */
	ceremony: string;
	/** For `navigator.credentials`. */
	options: CeremonyOptions['options'];
}

const nameOf = (user: User): string => user.username ?? user.email ?? user.phone ?? (user.name || user.id);

/** @throws Refusal plugin/*, auth/too-many-attempts; for a guest who enrols a key as requireUpgradable */
export async function beginCeremony(
	services: AppServices,
	order: CeremonyOrder,
	visitor: Visitor,
): Promise<BegunCeremony> {
	const { connector = defaultConnector, browser, user } = order;
	await services.limiter.guard(passkeyLimits(visitor), () => Promise.resolve());
	// Checked before the device makes a key that would not be stored.
	if (user) await requireUpgradable(services, services.store.read, user.id);
	const purpose = user ? 'enrol' : 'prove';
	const who = user && { id: user.id, name: nameOf(user) };
	const credentials = user ? await services.store.read.passkeys.listOfUser(user.id) : [];
	const { options, kept } = await services.plugins.ceremony(connector, visitor.locale).options({
		purpose,
		origin: services.origin,
		...(who ? { user: who } : {}),
		credentials,
	});
	const data: Ceremony = {
		connector,
		purpose,
		kept,
		...(browser ? { browser: digest(browser) } : {}),
		...(who ? { user: who } : {}),
	};
	const ceremony = await services.store.write((tx) =>
		keepNote(services, tx, { purpose: 'ceremony', data, life, userId: user?.id }),
	);
	return { ceremony, options };
}

export interface CeremonyAnswer {
	ceremony: string;
	/** As the browser gave it; `id` names the credential. */
	response: Readonly<Record<string, unknown>> & { id: string };
	browser?: string | undefined;
}

interface Verified {
	note: OpenNote<Ceremony>;
	verdict: CeremonyVerdict;
	known: Passkey | undefined;
}

/** The challenge is used up by the first answer, right or wrong. */
async function verify(
	services: AppServices,
	{ answer, purpose }: { answer: CeremonyAnswer; purpose: Ceremony['purpose'] },
	visitor: Visitor,
): Promise<Verified> {
	const note = await openNote(services, { token: answer.ceremony, purpose: 'ceremony' }, ceremonySchema);
	const { connector, kept, browser, user } = note.data;
	if (note.data.purpose !== purpose) throw new Refusal('interaction/expired');
	if (browser && !(answer.browser && sameSecret(browser, digest(answer.browser))))
		throw new Refusal('interaction/not-yours');
	await services.store.write((tx) => useNote(services, tx, note));
	const known = await services.store.read.passkeys.find(answer.response.id);
	const verdict = await services.plugins.ceremony(connector, visitor.locale).verify({
		purpose,
		origin: services.origin,
		...(user ? { user } : {}),
		credentials: known ? [{ id: known.id, stored: known.stored }] : [],
		response: answer.response,
		kept,
	});
	return { note, verdict, known };
}

/**
 * @throws Refusal interaction/expired, interaction/not-yours, auth/invalid-credentials, auth/passkey-copied,
 * auth/account-disabled, auth/too-many-attempts
 */
export async function signInByPasskey(
	services: AppServices,
	answer: CeremonyAnswer & { replaces?: string | undefined },
	visitor: Visitor,
): Promise<SignedIn> {
	return services.limiter.guard(passkeyLimits(visitor), async () => {
		const { note, verdict, known } = await verify(services, { answer, purpose: 'prove' }, visitor);
		const { credential } = verdict;
		if (!verdict.ok || !known || credential?.id !== known.id)
			throw await refusedKey(services, { userId: known?.userId, report: verdict.report }, visitor);
		const { connector } = note.data;
		const amr = amrOf(services, connector);
		const signedIn = await services.store.write(async (tx) => {
			const user = await ownerOf(services, tx, known);
			await tx.passkeys.recordUse(known.id, { stored: credential.stored, now: services.clock.now() });
			if (verdict.report) await report(services, tx, { userId: user.id, report: verdict.report, visitor });
			const proof = { user, amr, connector, replaces: answer.replaces };
			return beginSession(services, tx, { proof, visitor });
		});
		if (verdict.report) tellOperators(services, known.userId);
		return signedIn;
	});
}

const amrOf = (services: AppServices, connector: string): string[] => {
	const { amr } = services.plugins.manifestOf(connector);
	return amr.length > 0 ? amr : defaultAmr;
};

/** The key may have been removed, its user disabled, while the answer was verified. */
async function ownerOf(services: AppServices, tx: AppRepositories, known: Passkey): Promise<User> {
	await tx.users.hold(known.userId);
	const [user, still] = [await tx.users.findById(known.userId), await tx.passkeys.find(known.id)];
	const decision = decideArrival(await services.settings(tx), {
		method: 'passkey',
		account: still?.userId === user?.id ? user : undefined,
		proven: { email: false, phone: false },
		joins: false,
	});
	if (decision.do === 'refuse') throw new Refusal(decision.code);
	if (!user || decision.do !== 'sign-in') throw new Refusal('auth/invalid-credentials');
	return user;
}

/** What an operator should see: a key that may have been copied. */
async function report(
	services: AppServices,
	tx: AppRepositories,
	{ userId, report: what, visitor }: { userId: string; report: string; visitor: Visitor },
): Promise<void> {
	await recordEvent(
		tx,
		{ action: 'user.passkey-report', actor: nobody, target: `user:${userId}`, detail: { report: what } },
		{ clock: services.clock, visitor },
	);
	services.log.warn({ user: userId, report: what }, 'a passkey looks copied');
}

const tellOperators = ({ alert, clock }: AppServices, user: string) =>
	alert({ kind: 'passkey-copied', user, since: clock.now() });

async function refusedKey(
	services: AppServices,
	{ userId, report: what }: { userId: string | undefined; report: string | undefined },
	visitor: Visitor,
): Promise<Refusal> {
	await services.store.write(async (tx) => {
		await recordEvent(
			tx,
			{ action: 'user.sign-in', outcome: 'refused', actor: nobody, target: userId ? `user:${userId}` : '' },
			{ clock: services.clock, visitor },
		);
		if (userId && what) await report(services, tx, { userId, report: what, visitor });
	});
	if (!userId || !what) return new Refusal('auth/invalid-credentials');
	tellOperators(services, userId);
	return new Refusal('auth/passkey-copied');
}

/**
 * Adds the key to the user who began the ceremony.
 * @throws Refusal interaction/*, auth/invalid-credentials, identity/taken, auth/not-signed-in; for a guest as
 * requireUpgradable
 */
export async function enrolPasskey(
	services: AppServices,
	{ session, name, ...answer }: CeremonyAnswer & { session: OwnSession; name: string },
	visitor: Visitor,
): Promise<Passkey> {
	const { note, verdict } = await verify(services, { answer, purpose: 'enrol' }, visitor);
	const { credential } = verdict;
	const { userId } = session;
	if (!verdict.ok || !credential || note.data.user?.id !== userId)
		throw new Refusal('auth/invalid-credentials');
	const passkey = {
		id: credential.id,
		userId,
		connector: note.data.connector,
		stored: credential.stored,
		name: name.trim().slice(0, 80),
		createdAt: services.clock.now(),
	};
	await services.store.write(
		async (tx) => {
			await holdOwner(tx, session);
			await requireUpgradable(services, tx, userId);
			await tx.passkeys.create(passkey).catch((error: unknown) => {
				throw isDuplicate(error) ? new Refusal('identity/taken', { cause: error }) : error;
			});
			await upgradeGuest(services, tx, { userId, visitor, by: 'external' });
			await recordEvent(
				tx,
				{ action: 'user.add-passkey', actor: { kind: 'user', id: userId }, target: `user:${userId}` },
				{ clock: services.clock, visitor },
			);
		},
		{ grows: true },
	);
	return { ...passkey, lastUsedAt: null };
}

/** The keys, as their owner may see them. */
export async function listPasskeys(
	services: Pick<AppServices, 'store'>,
	userId: string,
): Promise<Omit<Passkey, 'stored'>[]> {
	const passkeys = await services.store.read.passkeys.listOfUser(userId);
	return passkeys.map(({ stored: _, ...shown }) => shown);
}

/** The caller has asked for a fresh proof. @throws Refusal identity/not-found, auth/last-way-in */
export async function removePasskey(
	services: AppServices,
	{ user, id }: { user: Pick<User, 'id'>; id: string },
	visitor: Visitor,
): Promise<void> {
	const working = await readWorkingWays(services);
	await services.store.write(async (tx) => {
		await tx.users.hold(user.id);
		const [passkey, current] = [await tx.passkeys.find(id), await tx.users.findById(user.id)];
		if (!current || passkey?.userId !== user.id) throw new Refusal('identity/not-found');
		if (!mayRemove(await listWaysIn(tx, current, working), id)) throw new Refusal('auth/last-way-in');
		await tx.passkeys.delete(id);
		await recordEvent(
			tx,
			{ action: 'user.remove-passkey', actor: { kind: 'user', id: user.id }, target: `user:${user.id}` },
			{ clock: services.clock, visitor },
		);
	});
}
