/**
 * Codes and links that prove an email. A code has six digits, is kept as an HMAC bound to app, target and purpose,
 * works once, for ten minutes, and is void after five wrong tries, wherever they are made. Where the browser that
 * asked for a code is known, it has five tries, and all others together have five.
 */
import { Refusal } from '../../../contract/errors';
import { minute } from '../../runtime/clock';
import { newId, randomDigits, randomToken } from '../../runtime/random';
import { digest, sameSecret } from '../../runtime/vault';
import type { SharedRepositories } from '../../storage/shared/repositories';
import type { Verification } from '../../storage/shared/verifications';
import type { AppServices } from '../services';
import { plainCode } from './plain-code';

export type VerificationPurpose =
	'recover' | 'verify-email' | 'register' | 'change-email' | 'change-phone' | 'sign-in' | 'join';

export const verificationMinutes = 10;
const mostTries = 5;

type Needs = Pick<AppServices, 'vault' | 'clock'>;

const codeHmac = (
	vault: Needs['vault'],
	row: { id: string; purpose: string; target: string },
	code: string,
) => vault.hmac(`${row.id}\0${row.purpose}\0${row.target}\0${plainCode(code)}`, 'code');

/** What a code is bound to: the identifier that it was sent to or asked with. */
export function targetOf(vault: Needs['vault'], key: string): string {
	return vault.hmac(key, 'target');
}

export interface IssuedVerification extends Proof {
	id: string;
}

/** The proof: a code to type, or a token in a link. */
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
	/** The code, made beforehand where the message is composed before the write. */
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

/**
 * The verification if it is open; the token of a link is a proof by itself. @throws Refusal auth/code-invalid for
 * one that is unknown, used or expired
 */
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
	/** The code is submitted by a browser that may not be the one that asked for it. */
	stranger?: boolean;
}

/** Tries from other browsers have a count of their own: they use up none of the tries of the browser that asked. */
async function countTry(services: Needs & Pick<AppServices, 'store'>, open: Verification, stranger: boolean) {
	if (!stranger) return services.store.write((tx) => tx.verifications.countAttempt(open.id));
	const times = { now: services.clock.now(), expiresAt: open.expiresAt };
	const counter = await services.store.write((tx) => tx.rateLimits.add(`stranger:${open.id}`, 1, times));
	return counter.points;
}

/**
 * The open verification that a typed code proves. The try is counted before it is checked.
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
