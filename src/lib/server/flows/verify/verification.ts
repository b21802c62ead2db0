/**
 * Codes and links that prove an email. A code has six digits, is kept as an HMAC bound to app, target and
 * purpose, works once, for ten minutes, and is void after five wrong tries on whichever door. Where it can be
 * told who asked for a code, those who did not have five tries among them, and the one who did has five.
 */
import { Refusal } from '../../../contract/errors';
import { minute } from '../../runtime/clock';
import { newId, randomDigits, randomToken } from '../../runtime/random';
import { digest, sameSecret } from '../../runtime/vault';
import type { SharedRepositories } from '../../storage/shared/repositories';
import type { Verification } from '../../storage/shared/verifications';
import type { AppServices } from '../services';

export type VerificationPurpose =
	'recover' | 'verify-email' | 'register' | 'change-email' | 'change-phone' | 'sign-in' | 'join';

export const verificationMinutes = 10;
const mostTries = 5;

type Needs = Pick<AppServices, 'vault' | 'clock'>;

/** People type codes with spaces, dashes and full-width digits. */
const plainCode = (typed: string) => typed.normalize('NFKC').replace(/[\s-]/g, '');

const codeHmac = (
	vault: Needs['vault'],
	row: { id: string; purpose: string; target: string },
	code: string,
) => vault.hmac(`${row.id}\0${row.purpose}\0${row.target}\0${plainCode(code)}`, 'code');

/** What a code is bound to: the identifier it was sent to or asked for. */
export function targetOf(vault: Needs['vault'], key: string): string {
	return vault.hmac(key, 'target');
}

export interface IssuedVerification extends Proof {
	id: string;
}

/** What proves: a code to type, or a token in a link. */
export interface Proof {
	code: string;
	linkToken: string;
}

export const newProof = (): Proof => ({ code: randomDigits(6), linkToken: randomToken(32) });

interface VerificationOrder {
	purpose: VerificationPurpose;
	/** Normalised identifier. */
	key: string;
	userId: string | null;
	/** Kept sealed until the proof is given. */
	data?: string;
	/** Made beforehand, where the message is worded before the write. */
	proof?: Proof;
}

export async function issueVerification(
	services: Needs,
	tx: Pick<SharedRepositories, 'verifications'>,
	order: VerificationOrder,
): Promise<IssuedVerification> {
	const now = services.clock.now();
	const row = { id: newId(), purpose: order.purpose, target: targetOf(services.vault, order.key) };
	const { code, linkToken } = order.proof ?? newProof();
	const { data } = order;
	await tx.verifications.create({
		...row,
		userId: order.userId,
		data: data === undefined ? null : services.vault.seal(data, `verification:${row.id}`),
		code: codeHmac(services.vault, row, code),
		link: digest(linkToken),
		createdAt: now,
		expiresAt: now + verificationMinutes * minute,
	});
	return { id: row.id, code, linkToken };
}

export function openData(services: Needs, row: Verification): string | undefined {
	return row.data === null ? undefined : services.vault.open(row.data, `verification:${row.id}`);
}

/** The verification if it is open; a link proves it by naming it. @throws Refusal auth/code-invalid for what is unknown, used or over */
export async function requireOpen(
	services: Needs & Pick<AppServices, 'store'>,
	row: Verification | undefined,
): Promise<Verification> {
	const now = services.clock.now();
	if (row && row.usedAt === null && row.expiresAt > now) return row;
	if (row && row.usedAt === null) await services.store.write((tx) => tx.verifications.close(row.id, now));
	throw new Refusal('auth/code-invalid', { fields: { code: 'auth/code-invalid' } });
}

export interface TypedCode {
	code: string;
	/** Typed by somebody who may not be the one that asked for it. */
	stranger?: boolean;
}

/** Strangers' tries have a count of their own: they use up none of the tries of who asked for the code. */
async function countTry(services: Needs & Pick<AppServices, 'store'>, open: Verification, stranger: boolean) {
	if (!stranger) return services.store.write((tx) => tx.verifications.countAttempt(open.id));
	const times = { now: services.clock.now(), expiresAt: open.expiresAt };
	const counter = await services.store.write((tx) => tx.rateLimits.add(`stranger:${open.id}`, 1, times));
	return counter.points;
}

/**
 * The open verification that a typed code proves. The try is counted before it is judged.
 * @throws Refusal auth/code-invalid, whatever the reason
 */
export async function proveByCode(
	services: Needs & Pick<AppServices, 'store'>,
	found: Verification | undefined,
	{ code, stranger = false }: TypedCode,
): Promise<Verification> {
	const open = await requireOpen(services, found);
	const tries = await countTry(services, open, stranger);
	if (tries > mostTries || !sameSecret(codeHmac(services.vault, open, code), open.code))
		throw new Refusal('auth/code-invalid', { fields: { code: 'auth/code-invalid' } });
	return open;
}

/** Uses the verification up, in the transaction that does what it allows. @throws Refusal auth/code-invalid */
export async function consumeVerification(
	services: Needs,
	tx: Pick<SharedRepositories, 'verifications'>,
	row: Verification,
): Promise<void> {
	if (!(await tx.verifications.use(row.id, services.clock.now()))) throw new Refusal('auth/code-invalid');
}
