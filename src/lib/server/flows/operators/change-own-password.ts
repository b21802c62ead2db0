/** An operator, owner or not, changes their own password: the old one is asked for, every other session ends. */
import { Refusal } from '../../../contract/errors';
import { nobody, recordEvent } from '../audit/record-event';
import { acceptPassword } from '../password/accept-password';
import { signInLimits } from '../sign-in/sign-in-limits';
import type { ApplianceServices, Visitor } from '../services';
import { markKnownBrowser, type OperatorSignedIn } from './sign-in-operator';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'sessions' | 'limiter' | 'vault' | 'clock'>;

const action = 'operator.change-password';

export interface OwnPassword {
	operator: { id: string; email: string; name: string };
	password: string;
	newPassword: string;
}

/**
 * @returns the session that takes the place of the one that asked, and a new known-browser note
 * @throws Refusal auth/invalid-credentials (field password), password/* (field newPassword), auth/too-many-attempts
 */
export async function changeOwnPassword(
	services: Needs,
	{ operator, password, newPassword }: OwnPassword,
	visitor: Visitor,
): Promise<Pick<OperatorSignedIn, 'session' | 'knownBrowser'>> {
	const { id, email, name } = operator;
	const target = `operator:${id}`;
	await acceptPassword(
		newPassword,
		{ passwordMinLength: 8 },
		{ context: [email, name, 'menshen'], field: 'newPassword' },
	);
	const method = services.plugins.appliance.secret('password');
	const wrong = () =>
		new Refusal('auth/invalid-credentials', { fields: { password: 'auth/invalid-credentials' } });
	const from = await services.limiter.guard(
		signInLimits({ account: id, knownBrowser: undefined, target }, visitor),
		async () => {
			const stored = (await services.control.read.operators.findById(id))?.password;
			const verdict = await method.check({ secret: password, stored });
			if (verdict.ok && stored !== undefined) return stored;
			const event = { action, outcome: 'refused', actor: nobody, target } as const;
			await services.control.write((tx) => recordEvent(tx, event, { clock: services.clock, visitor }));
			throw wrong();
		},
	);
	const to = await method.enrol({ secret: newPassword });
	return services.control.write(async (tx) => {
		await tx.operators.hold(id);
		// What was proven is still the password: nobody set another one meanwhile.
		if (!(await tx.operators.replacePassword(id, { from, to, now: services.clock.now() }))) throw wrong();
		await tx.sessions.deleteOfUser(id);
		await recordEvent(
			tx,
			{ action, actor: { kind: 'operator', id }, target },
			{ clock: services.clock, visitor },
		);
		const session = await services.sessions.start(tx, id, {
			amr: ['pwd'],
			device: visitor.device,
			address: visitor.address,
		});
		return { session, knownBrowser: markKnownBrowser(services.vault, { id, password: to }) };
	});
}
