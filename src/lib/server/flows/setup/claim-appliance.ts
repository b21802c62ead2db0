/**
 * First run. A code printed where the appliance was started lets one person become its owner, once: the claim is a
 * row that only the first request can write.
 */
import { Refusal } from '../../../contract/errors';
import { limits, sourceOf } from '../../limits/rules';
import { randomWords } from '../../runtime/random';
import { digest, sameSecret } from '../../runtime/vault';
import { nobody, recordEvent } from '../audit/record-event';
import { createOperator } from '../operators/operators';
import { beginOperatorSession, type OperatorSignedIn } from '../operators/sign-in-operator';
import type { ApplianceServices, Visitor } from '../services';

const codeSetting = 'setup-code';
const claimSetting = 'claimed';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'sessions' | 'limiter' | 'vault' | 'clock'>;

export async function isClaimed(services: Pick<ApplianceServices, 'control'>): Promise<boolean> {
	return (await services.control.read.operators.count()) > 0;
}

/** A fresh code for this start; the one of an earlier start is void. @returns undefined when there is an owner */
export async function prepareSetup(
	services: Pick<ApplianceServices, 'control' | 'clock'>,
): Promise<string | undefined> {
	if (await isClaimed(services)) return undefined;
	const code = randomWords();
	await services.control.write((tx) =>
		tx.settings.save(codeSetting, { digest: digest(code) }, services.clock.now()),
	);
	return code;
}

async function checkCode(services: Needs, typed: string, visitor: Visitor): Promise<void> {
	const stored = (await services.control.read.settings.find(codeSetting)) as { digest?: string } | undefined;
	const normalised = typed.trim().toUpperCase();
	if (stored?.digest && sameSecret(digest(normalised), stored.digest)) return;
	const event = { action: 'appliance.claim', outcome: 'refused', actor: nobody } as const;
	await services.control.write((tx) => recordEvent(tx, event, { clock: services.clock, visitor }));
	throw new Refusal('setup/code-invalid', { fields: { setupCode: 'setup/code-invalid' } });
}

export interface ClaimInput {
	setupCode: string;
	email: string;
	password: string;
}

/** @throws Refusal setup/already-done, setup/code-invalid, input/invalid, password/*, auth/too-many-attempts */
export async function claimAppliance(
	services: Needs,
	input: ClaimInput,
	visitor: Visitor,
): Promise<OperatorSignedIn> {
	if (await isClaimed(services)) throw new Refusal('setup/already-done');
	const source = sourceOf(visitor.address);
	await services.limiter.guard(
		{
			by: visitor,
			on: [
				[limits.setupAddress, source],
				[limits.setupAll, 'all'],
			],
		},
		() => checkCode(services, input.setupCode, visitor),
	);
	const draft = await createOperator(services, {
		email: input.email,
		password: input.password,
		role: 'owner',
	});
	return services.control.write(async (tx) => {
		const first = await tx.settings.claim(
			claimSetting,
			{ operator: draft.operator.id },
			services.clock.now(),
		);
		if (!first) throw new Refusal('setup/already-done');
		await draft.write(tx);
		await tx.settings.delete(codeSetting);
		await recordEvent(
			tx,
			{
				action: 'appliance.claim',
				actor: { kind: 'operator', id: draft.operator.id },
				target: `operator:${draft.operator.id}`,
			},
			{ clock: services.clock, visitor },
		);
		return beginOperatorSession(services, tx, { operator: draft.operator, visitor });
	});
}

/** The first operator from the environment, at the first start only. */
export async function claimFromEnvironment(
	services: Needs,
	owner: { email: string; password: string },
): Promise<void> {
	if (await isClaimed(services)) return;
	const draft = await createOperator(services, { ...owner, role: 'owner' });
	await services.control.write(async (tx) => {
		if (!(await tx.settings.claim(claimSetting, { operator: draft.operator.id }, services.clock.now())))
			return;
		await draft.write(tx);
		await recordEvent(
			tx,
			{
				action: 'appliance.claim',
				actor: { kind: 'system', id: 'environment' },
				target: `operator:${draft.operator.id}`,
			},
			{ clock: services.clock, visitor: { address: '', requestId: '' } },
		);
	});
}
