/** What a submitted code opens: an account, a new account, or the next step of an account that waits. */
import { Refusal } from '../../../contract/errors';
import { decideArrival } from '../../domain/sign-in-policy';
import { newId } from '../../runtime/random';
import { digest, sameSecret } from '../../runtime/vault';
import type { Verification } from '../../storage/shared/verifications';
import { join, openJoining, type Joined } from '../register/join';
import type { AccountDraft } from '../register/make-account';
import { beginSession, type SignedIn } from '../sign-in/begin-session';
import type { AppServices, Visitor } from '../services';
import { prove } from '../verify/prove';
import { useNote } from '../verify/sealed-note';
import { readCodeData, type CodeData, type CodeOrder } from './send-code';

const defaultAmr = ['otp'];

export interface CodeAnswer {
	verification: string;
	/** As typed. */
	code: string;
	/** What the browser's cookie holds. */
	browser?: string | undefined;
	/** Digest of the session that this browser has now. */
	replaces?: string | undefined;
}

interface ProvenCode {
	row: Verification;
	data: CodeData;
}

/** A code that was asked for in a browser is of use in that browser only. */
function isFrom(data: CodeData | undefined, browser: string | undefined): boolean {
	if (!data?.browser) return data !== undefined;
	return browser !== undefined && sameSecret(data.browser, digest(browser));
}

/** @throws Refusal auth/code-invalid, whatever the reason; auth/too-many-attempts */
async function proveCode(
	services: AppServices,
	{ answer, purpose }: { answer: CodeAnswer; purpose: CodeOrder['purpose'] },
	visitor: Visitor,
): Promise<ProvenCode> {
	let data: CodeData | undefined;
	const find = async () => {
		const row = await services.store.read.verifications.find(answer.verification);
		if (row?.purpose !== purpose) return undefined;
		data = readCodeData(services, row);
		return isFrom(data, answer.browser) ? row : undefined;
	};
	const row = await prove(services, { action: 'user.sign-in', find, code: answer.code }, visitor);
	if (!data) throw new Refusal('auth/code-invalid');
	return { row, data };
}

const provenBy = ({ kind }: CodeData) => ({ email: kind === 'email', phone: kind === 'phone' });

const amrOf = (services: AppServices, { connector }: CodeData): string[] => {
	const { amr } = services.plugins.manifestOf(connector);
	return amr.length > 0 ? amr : defaultAmr;
};

/**
 * Signs in the user whom the proven address belongs to, or makes an account.
 * @throws Refusal auth/code-invalid, auth/too-many-attempts, auth/account-disabled, auth/registration-closed,
 * auth/method-unavailable
 */
export async function signInByCode(
	services: AppServices,
	answer: CodeAnswer,
	visitor: Visitor,
): Promise<Joined> {
	const proven = await proveCode(services, { answer, purpose: 'sign-in' }, visitor);
	const signedIn = await enterByCode(services, { proven, replaces: answer.replaces }, visitor);
	if (signedIn) return { status: 'signed-in', signedIn };
	const { data, row } = proven;
	const draft: AccountDraft = {
		id: newId(),
		username: null,
		email: null,
		phone: null,
		name: '',
		emailVerified: false,
		phoneVerified: false,
		...provenColumns(data),
	};
	const joining = { draft, method: 'system', connector: data.connector, amr: amrOf(services, data) } as const;
	return join(
		services,
		{ joining: { ...joining, amr: [...joining.amr] }, uses: [{ row }], replaces: answer.replaces },
		visitor,
	);
}

const provenColumns = ({ kind, key }: CodeData): Partial<AccountDraft> =>
	kind === 'email' ? { email: key, emailVerified: true } : { phone: key, phoneVerified: true };

/** The account, found, checked and signed in within one transaction. @returns undefined where there is none */
async function enterByCode(
	services: AppServices,
	{ proven, replaces }: { proven: ProvenCode; replaces: string | undefined },
	visitor: Visitor,
): Promise<SignedIn | undefined> {
	const { data, row } = proven;
	const settings = await services.settings();
	return services.store.write(async (tx) => {
		const found = await tx.users.findByIdentifier(data.kind, data.key);
		if (!found) return undefined;
		await tx.users.hold(found.id);
		const user = await tx.users.findByIdentifier(data.kind, data.key);
		const decision = decideArrival(settings, {
			method: 'system',
			identifier: data.kind,
			account: user,
			proven: provenBy(data),
			joins: false,
		});
		if (decision.do === 'refuse') throw new Refusal(decision.code);
		if (!user || decision.do !== 'sign-in') throw new Refusal('auth/code-invalid');
		await useNote(services, tx, { row });
		const proof = { user, amr: amrOf(services, data), connector: data.connector, replaces };
		return beginSession(services, tx, { proof, visitor });
	});
}

/**
 * Takes the proof that an account waits for; then the account is made, or the next proof is asked for.
 * @throws Refusal auth/code-invalid, interaction/expired, user/identifier-taken (the address has an account)
 */
export async function proveJoining(
	services: AppServices,
	answer: CodeAnswer & { pending: string },
	visitor: Visitor,
): Promise<Joined> {
	const note = await openJoining(services, answer.pending);
	const { data, row } = await proveCode(services, { answer, purpose: 'join' }, visitor);
	if (!data.pending || !sameSecret(data.pending, digest(answer.pending)))
		throw new Refusal('auth/code-invalid');
	if (await services.store.read.users.findByIdentifier(data.kind, data.key))
		throw new Refusal('user/identifier-taken', { fields: { [data.kind]: 'user/identifier-taken' } });
	const joining = { ...note.data, draft: { ...note.data.draft, ...provenColumns(data) } };
	return join(services, { joining, uses: [note, { row }], replaces: answer.replaces }, visitor);
}

export type OpenedLink =
	/** The browser that asked for the code: a button signs in. */
	| { here: true; verification: string; code: string }
	/** Another browser: it shows the code, to be typed where it was asked for. */
	| { here: false; code: string };

/** What a link in the mail shows. Opening it does nothing yet: mail scanners follow links. @throws Refusal auth/code-invalid */
export async function openCodeLink(
	services: AppServices,
	{ token, browser }: { token: string; browser: string | undefined },
): Promise<OpenedLink> {
	const row = await services.store.read.verifications.findByLink(digest(token), 'sign-in');
	const data = row && readCodeData(services, row);
	if (!row || !data || row.usedAt !== null || row.expiresAt <= services.clock.now())
		throw new Refusal('auth/code-invalid');
	const { code } = data;
	return isFrom(data, browser) ? { here: true, verification: row.id, code } : { here: false, code };
}
