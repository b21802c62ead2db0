/**
 * What an owner sends to see whether alerts would arrive. It is sent at once, so that the answer tells the result.
 */
import { Refusal } from '../../../contract/errors';
import { keyOf } from '../../../contract/identifiers';
import { newId } from '../../runtime/random';
import { recordEvent } from '../audit/record-event';
import { requireOwner } from '../operators/operators';
import type { Actor, ApplianceServices, Visitor } from '../services';
import { sendLimits } from '../verify/send-limits';
import { targetOf } from '../verify/verification';
import { alertLetter } from './alert-letter';
import { alertAddress, alertSender } from './alert-route';

type Needs = Pick<
	ApplianceServices,
	'origin' | 'control' | 'vault' | 'plugins' | 'limiter' | 'alertEmail' | 'clock'
>;

export interface TestAlert {
	sent: boolean;
	to: string;
	/** The sender plugin's id. */
	sender: string;
	/** In the provider's own words, where it was not sent. */
	detail: string;
}

/**
 * To the address that is saved, not to one that is typed.
 * @throws Refusal auth/forbidden; input/invalid with the field `alertEmail`: no address is set; sender/not-configured;
 * auth/too-many-attempts
 */
export async function sendTestAlert(services: Needs, actor: Actor, visitor: Visitor): Promise<TestAlert> {
	requireOwner(actor);
	const to = await alertAddress(services);
	if (!to) throw new Refusal('input/invalid', { fields: { alertEmail: 'input/invalid' } });
	const sender = await alertSender(services);
	await services.limiter.spend(sendLimits(targetOf(services.vault, keyOf(to)), visitor));
	const letter = alertLetter({ to, origin: services.origin });
	const outcome = await services.plugins.appliance
		.sender(sender, letter.locale)
		.deliver({ id: newId(), ...letter, params: {} });
	const sent = outcome.status !== 'failed';
	await services.control.write((tx) =>
		recordEvent(
			tx,
			{
				action: 'appliance.test-alert',
				actor,
				detail: { sender, sent },
			},
			{ clock: services.clock, visitor },
		),
	);
	return { sent, to, sender, detail: outcome.status === 'failed' ? outcome.detail : '' };
}
