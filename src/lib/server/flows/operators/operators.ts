/** Operators: listing, adding and removing them. */
import { Refusal } from '../../../contract/errors';
import { emailSchema, keyOf } from '../../../contract/identifiers';
import { newId } from '../../runtime/random';
import type { ControlRepositories } from '../../storage/control/repositories';
import type { Operator } from '../../storage/control/operators';
import { isDuplicate } from '../../storage/engine/failures';
import { recordEvent } from '../audit/record-event';
import { acceptPassword } from '../password/accept-password';
import type { Actor, ApplianceServices, Visitor } from '../services';
import { forgiveAccount } from '../sign-in/sign-in-limits';
import { parseName } from '../users/write-user';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'clock'>;

/** An operator as shown: without the hash. */
export type OperatorView = Omit<Operator, 'password'>;

export const viewOperator = ({ password: _, ...view }: Operator): OperatorView => view;

export interface OperatorInput {
	email: string;
	password: string;
	role: Operator['role'];
	name?: string | undefined;
}

/** Checks and hashes first; `write` then puts the row in the caller's transaction. @throws Refusal input/invalid, password/* */
export async function createOperator(services: Pick<Needs, 'plugins' | 'clock'>, input: OperatorInput) {
	const email = emailSchema.safeParse(input.email);
	if (!email.success) throw new Refusal('input/invalid', { fields: { email: 'input/invalid' } });
	const name = parseName(input.name ?? '');
	await acceptPassword(input.password, { passwordMinLength: 8 }, { context: [input.email, 'menshen'] });
	const password = await services.plugins.appliance.secret('password').enrol({ secret: input.password });
	const operator: Operator = {
		id: newId(),
		email: email.data,
		name,
		role: input.role,
		password,
		locale: null,
		createdAt: services.clock.now(),
		lastSignInAt: null,
	};
	const { lastSignInAt: _, ...row } = operator;
	const write = (tx: ControlRepositories) =>
		tx.operators.create(row, keyOf(email.data)).catch((error: unknown) => {
			throw isDuplicate(error)
				? new Refusal('operator/email-taken', { fields: { email: 'operator/email-taken' }, cause: error })
				: error;
		});
	return { operator, write };
}

/** @throws Refusal auth/forbidden */
export function requireOwner(actor: Actor): void {
	const allowed = actor.kind === 'system' || (actor.kind === 'operator' && actor.role === 'owner');
	if (!allowed) throw new Refusal('auth/forbidden');
}

/** @throws Refusal auth/forbidden, input/invalid, password/*, operator/email-taken */
export async function addOperator(
	services: Needs,
	{ input, actor }: { input: OperatorInput; actor: Actor },
	visitor: Visitor,
): Promise<OperatorView> {
	requireOwner(actor);
	const draft = await createOperator(services, input);
	await services.control.write(async (tx) => {
		await draft.write(tx);
		// A first operator from the command line claims the appliance as well.
		await tx.settings.claim('claimed', { operator: draft.operator.id }, services.clock.now());
		await recordEvent(
			tx,
			{
				action: 'operator.add',
				actor,
				target: `operator:${draft.operator.id}`,
				detail: { role: input.role },
			},
			{ clock: services.clock, visitor },
		);
	});
	return viewOperator(draft.operator);
}

/**
 * Sets a new password for another operator and ends all their sessions. An operator's own password is changed with
 * the old one (change-own-password): a console left open must not be enough.
 * @throws Refusal operator/not-found, password/*, auth/forbidden
 */
export async function resetOperatorPassword(
	services: Needs & Pick<ApplianceServices, 'limiter' | 'vault'>,
	{ email, newPassword, actor }: { email: string; newPassword: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	requireOwner(actor);
	const operator = await services.control.read.operators.findByEmail(keyOf(email));
	if (!operator) throw new Refusal('operator/not-found');
	if (actor.kind === 'operator' && actor.id === operator.id) throw new Refusal('auth/forbidden');
	await acceptPassword(
		newPassword,
		{ passwordMinLength: 8 },
		{ context: [email, 'menshen'], field: 'newPassword' },
	);
	const hash = await services.plugins.appliance.secret('password').enrol({ secret: newPassword });
	await services.control.write(async (tx) => {
		await tx.operators.hold(operator.id);
		// Read again: a hash that was renewed meanwhile must not keep the old password valid.
		const from = (await tx.operators.findById(operator.id))?.password ?? '';
		const done = await tx.operators.replacePassword(operator.id, {
			from,
			to: hash,
			now: services.clock.now(),
		});
		if (!done) throw new Refusal('operator/not-found');
		await tx.sessions.deleteOfUser(operator.id);
		await recordEvent(
			tx,
			{ action: 'operator.reset-password', actor, target: `operator:${operator.id}` },
			{ clock: services.clock, visitor },
		);
	});
	// Strangers may have used up the account's tries: this lets its owner in again.
	await forgiveAccount(services, [operator.email], visitor);
}

/** @throws Refusal operator/not-found, operator/last-owner, auth/forbidden */
export async function removeOperator(
	services: Needs,
	{ id, actor }: { id: string; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	requireOwner(actor);
	await services.control.write(async (tx) => {
		await tx.operators.holdOwners();
		const operator = await tx.operators.findById(id);
		if (!operator) throw new Refusal('operator/not-found');
		if (operator.role === 'owner' && (await tx.operators.count('owner')) < 2)
			throw new Refusal('operator/last-owner');
		await tx.operators.delete(id);
		await recordEvent(
			tx,
			{ action: 'operator.remove', actor, target: `operator:${id}` },
			{ clock: services.clock, visitor },
		);
	});
}

export async function listOperators(services: Pick<Needs, 'control'>): Promise<OperatorView[]> {
	return (await services.control.read.operators.list()).map(viewOperator);
}
