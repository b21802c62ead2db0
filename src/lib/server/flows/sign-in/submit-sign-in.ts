/** Sign in with an identifier and a secret: find, compare, decide, commit. Unknown users cost the same. */
import { Refusal } from '../../../contract/errors';
import { classifyIdentifier } from '../../../contract/identifiers';
import { whyNotMethod, type Policy } from '../../domain/sign-in-policy';
import type { AppRepositories } from '../../storage/app/repositories';
import type { Credential } from '../../storage/app/credentials';
import type { User } from '../../storage/app/users';
import { nobody, recordEvent } from '../audit/record-event';
import type { AppServices, Visitor } from '../services';
import { beginSession, type SignedIn } from './begin-session';
import { recogniseBrowser } from './known-browser';
import { accountKey, signInLimits } from './sign-in-limits';

type Needs = Pick<
	AppServices,
	'store' | 'vault' | 'sessions' | 'limiter' | 'plugins' | 'settings' | 'clock' | 'engine' | 'log'
>;

export interface SignInInput {
	identifier: string;
	password: string;
	/** The secret-kind plugin that checks the secret; `password` by default. */
	connector?: string;
	/** Digest of the session that this browser has now. */
	replaces?: string | undefined;
}

interface Candidate {
	user: User | undefined;
	credential: Credential | undefined;
}

/** An identifier that may not sign in finds no user: the answer is that of an unknown account. */
async function findCandidate(
	read: AppRepositories,
	{ identifier, connector }: { identifier: string; connector: string },
	policy: Policy,
): Promise<Candidate> {
	const { kind, key } = classifyIdentifier(identifier);
	if (whyNotMethod(policy, { method: 'system', identifier: kind }))
		return { user: undefined, credential: undefined };
	const user = await read.users.findByIdentifier(kind, key);
	const credential = user && (await read.credentials.find(user.id, connector));
	return { user, credential };
}

/**
 * @throws Refusal auth/invalid-credentials (wrong or unknown: the same answer in the same time),
 * auth/account-disabled (only after the right secret), auth/too-many-attempts, auth/method-unavailable
 */
export async function submitSignIn(services: Needs, input: SignInInput, visitor: Visitor): Promise<SignedIn> {
	const connector = input.connector ?? 'password';
	const settings = await services.settings();
	const closed = whyNotMethod(settings, { method: 'system' });
	if (closed) throw new Refusal(closed);
	const method = services.plugins.secret(connector);
	const candidate = await findCandidate(
		services.store.read,
		{ identifier: input.identifier, connector },
		settings,
	);
	const account = accountKey(services.vault, classifyIdentifier(input.identifier).key);
	const known = candidate.credential && {
		userId: candidate.credential.userId,
		credential: candidate.credential.id,
	};
	const knownBrowser = known && recogniseBrowser(services.vault, known, visitor.knownBrowser);
	const prove = async () => {
		const verdict = await method.check({ secret: input.password, stored: candidate.credential?.secret });
		if (!verdict.ok || !candidate.user || !candidate.credential)
			throw await refusedTry(services, candidate.user, visitor);
		return { user: candidate.user, credential: candidate.credential, rehash: verdict.rehash };
	};
	const isWrongTry = (refusal: Refusal) => refusal.code === 'auth/invalid-credentials';
	const proven = await services.limiter.guard(
		signInLimits({ account, knownBrowser, target: targetOf(candidate.user) }, visitor),
		prove,
		isWrongTry,
	);
	return services.store.write(async (tx) => {
		// Waits for a change of password or a disabling under way, and sees its result; a later one sees this session.
		await tx.users.hold(proven.user.id);
		if (proven.rehash)
			await tx.credentials.replaceSecret(proven.credential.id, {
				from: proven.credential.secret,
				to: proven.rehash,
				now: services.clock.now(),
			});
		const user = await stillThere(tx, proven);
		const proof = {
			user,
			amr: ['pwd'],
			connector,
			credential: proven.credential.id,
			replaces: input.replaces,
		};
		return beginSession(services, tx, { proof, visitor });
	});
}

/** The account may have been disabled, deleted or given another password while the hash was compared. */
async function stillThere(
	tx: AppRepositories,
	proven: { user: User; credential: Credential; rehash?: string | undefined },
): Promise<User> {
	const [user, credential] = [
		await tx.users.findById(proven.user.id),
		await tx.credentials.find(proven.user.id, proven.credential.connector),
	];
	const secrets = [proven.credential.secret, proven.rehash];
	if (!user || !credential || !secrets.includes(credential.secret))
		throw new Refusal('auth/invalid-credentials');
	return user;
}

const targetOf = (user: User | undefined) => (user ? `user:${user.id}` : '');

async function refusedTry(services: Needs, user: User | undefined, visitor: Visitor): Promise<Refusal> {
	// The typed identifier is not written down: people type passwords there.
	await services.store.write((tx) =>
		recordEvent(
			tx,
			{
				action: 'user.sign-in',
				outcome: 'refused',
				actor: nobody,
				target: targetOf(user),
				detail: {},
			},
			{ clock: services.clock, visitor },
		),
	);
	return new Refusal('auth/invalid-credentials');
}
