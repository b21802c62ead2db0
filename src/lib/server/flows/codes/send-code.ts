/**
 * Sends a code to an email or phone. Known and unknown targets are treated alike in answer, time and limits;
 * a message goes out only where the code could be of use.
 */
import { z } from 'zod';
import { Refusal, type ErrorCode } from '../../../contract/errors';
import { decideArrival, whyNotMethod } from '../../domain/sign-in-policy';
import { minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import type { AppRepositories } from '../../storage/app/repositories';
import type { User } from '../../storage/app/users';
import type { Verification } from '../../storage/shared/verifications';
import { nobody, recordEvent } from '../audit/record-event';
import { chooseSender } from '../messages/choose-sender';
import { queueMessage } from '../messages/queue-message';
import type { AppServices, Visitor } from '../services';
import { sendLimits } from '../verify/send-limits';
import { issueVerification, newProof, openData, targetOf, verificationMinutes } from '../verify/verification';
import { composeCode } from './compose-code';

export interface CodeOrder {
	/** A code connector: `sms`, `email`. */
	connector: string;
	/** As typed. */
	to: string;
	/** `join`: the code completes an account that waits for this proof. */
	purpose: 'sign-in' | 'join';
	/** What the browser's cookie holds: the code is of use there only. */
	browser?: string | undefined;
	/** The account that waits for the proof. */
	pending?: string | undefined;
	/** Own page that a link in the message opens; gets `token` as a parameter. */
	linkTo?: string | undefined;
}

export interface SentCode {
	verification: string;
	/** The target normalised. */
	to: string;
	/** How long the code is valid. */
	minutes: number;
}

/** What the code will open, sealed. */
const codeDataSchema = z.object({
	connector: z.string(),
	kind: z.enum(['email', 'phone']),
	key: z.string(),
	code: z.string(),
	browser: z.string().optional(),
	pending: z.string().optional(),
});
export type CodeData = z.output<typeof codeDataSchema>;

export function readCodeData(
	services: Pick<AppServices, 'vault' | 'clock'>,
	row: Verification,
): CodeData | undefined {
	const text = openData(services, row);
	return text === undefined ? undefined : codeDataSchema.parse(JSON.parse(text));
}

interface Target {
	kind: 'email' | 'phone';
	channel: 'email' | 'sms';
	/** Normalised. */
	key: string;
}

/** @throws Refusal plugin/not-found for a connector that sends no codes, input/invalid for an invalid address */
async function targetOfOrder(services: AppServices, order: CodeOrder, visitor: Visitor): Promise<Target> {
	const { identifier } = services.plugins.manifestOf(order.connector);
	if (identifier !== 'email' && identifier !== 'phone') throw new Refusal('plugin/not-found');
	const key = await services.plugins
		.code(order.connector, visitor.locale)
		.normalise({ typed: order.to.slice(0, 254) });
	const invalid: ErrorCode = 'input/invalid';
	if (!key) throw new Refusal(invalid, { fields: { [identifier]: invalid } });
	return { kind: identifier, channel: identifier === 'email' ? 'email' : 'sms', key };
}

/** Whether the code could open anything, and for which user. */
async function useOf(
	services: AppServices,
	order: CodeOrder,
	{ kind, key }: Target,
): Promise<{ user: User | undefined; useful: boolean }> {
	const user = await services.store.read.users.findByIdentifier(kind, key);
	if (order.purpose === 'join') return { user: undefined, useful: true };
	const decision = decideArrival(await services.settings(), {
		method: 'system',
		identifier: kind,
		account: user,
		proven: { email: kind === 'email', phone: kind === 'phone' },
		joins: true,
	});
	return { user, useful: decision.do !== 'refuse' };
}

const dataOf = (
	{ connector, browser, pending }: CodeOrder,
	{ kind, key }: Target,
	code: string,
): CodeData => ({
	connector,
	kind,
	key,
	code,
	...(browser ? { browser: digest(browser) } : {}),
	...(pending ? { pending: digest(pending) } : {}),
});

/** Codes to one target that are open at once without a known browser. */
const mostUnbound = 3;

const isBound = ({ browser, pending }: CodeData): boolean => browser !== undefined || pending !== undefined;

/**
 * A person who asks again gets five tries, not five more: the earlier codes of the same browser become void.
 * Requests from other browsers void nothing, or strangers could keep an owner out. Without a browser, requests
 * cannot be told apart, so a few codes stay valid beside each other; more would allow too many guesses.
 */
async function voidOlder(
	services: AppServices,
	tx: AppRepositories,
	{ purpose, data }: { purpose: CodeOrder['purpose']; data: CodeData },
): Promise<void> {
	const now = services.clock.now();
	const open = await tx.verifications.listOpen(targetOf(services.vault, data.key), purpose, now);
	const alike = open.filter((row) => {
		const older = readCodeData(services, row);
		return older?.browser === data.browser && older?.pending === data.pending;
	});
	const newestFirst = alike.sort((a, b) => b.createdAt - a.createdAt);
	for (const { id } of newestFirst.slice(isBound(data) ? 0 : mostUnbound - 1))
		await tx.verifications.close(id, now);
}

/**
 * @throws Refusal auth/method-unavailable, plugin/*, input/invalid (field email or phone),
 * auth/too-many-attempts, sender/not-configured
 */
export async function sendCode(services: AppServices, order: CodeOrder, visitor: Visitor): Promise<SentCode> {
	const { connector, purpose } = order;
	const settings = await services.settings();
	const target = await targetOfOrder(services, order, visitor);
	const closed =
		purpose === 'sign-in' && whyNotMethod(settings, { method: 'system', identifier: target.kind });
	if (closed) throw new Refusal(closed);
	const sender = await chooseSender(services, target.channel);
	await services.limiter.spend(sendLimits(targetOf(services.vault, target.key), visitor));
	const { user, useful } = await useOf(services, order, target);
	const proof = newProof();
	const data = dataOf(order, target, proof.code);
	const link =
		order.linkTo && target.channel === 'email'
			? `${services.origin}${order.linkTo}?token=${proof.linkToken}`
			: undefined;
	const { locale } = visitor;
	// Composed before the write begins: a slow connector must not delay other writes.
	const letter = await composeCode(services, {
		...target,
		connector,
		purpose,
		code: proof.code,
		link,
		locale,
	});
	const verification = await services.store.write(
		async (tx) => {
			await voidOlder(services, tx, { purpose, data });
			const issued = await issueVerification(services, tx, {
				purpose,
				key: target.key,
				userId: user?.id ?? null,
				data: JSON.stringify(data),
				proof,
			});
			if (!useful) return issued.id;
			await queueMessage(services, tx, { letter, sender, life: verificationMinutes * minute });
			await recordEvent(
				tx,
				{
					action: 'user.code-request',
					actor: nobody,
					target: user ? `user:${user.id}` : '',
					detail: { connector, purpose },
				},
				{ clock: services.clock, visitor },
			);
			return issued.id;
		},
		{ grows: true },
	);
	services.wakeDelivery();
	return { verification, to: target.key, minutes: verificationMinutes };
}
