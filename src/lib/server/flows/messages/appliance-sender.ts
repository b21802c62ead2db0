/** The appliance's own sender and alert address. Apps that chose no sender use this one. */
import { z } from 'zod';
import { recordEvent } from '../audit/record-event';
import { requireOwner } from '../operators/operators';
import type { Actor, ApplianceServices, Visitor } from '../services';
import { senderChannels, sendersSchema, senderSetting } from './choose-sender';

type Needs = Pick<ApplianceServices, 'control' | 'plugins' | 'clock'>;

export const applianceMailSchema = sendersSchema.extend({
	alertEmail: z.email().or(z.literal('')).default(''),
});
export type ApplianceMail = z.output<typeof applianceMailSchema>;

export async function readApplianceMail(services: Pick<Needs, 'control'>): Promise<ApplianceMail> {
	return applianceMailSchema.parse((await services.control.read.settings.find(senderSetting)) ?? {});
}

/** For owners. @throws Refusal auth/forbidden, plugin/not-found, plugin/outbox-not-allowed, sender/not-configured */
export async function saveApplianceMail(
	services: Needs,
	{ change, actor }: { change: Partial<ApplianceMail>; actor: Actor },
	visitor: Visitor,
): Promise<ApplianceMail> {
	requireOwner(actor);
	const before = await readApplianceMail(services);
	const after = applianceMailSchema.parse({ ...before, ...change });
	for (const channel of senderChannels)
		if (after[channel] && after[channel] !== before[channel])
			await services.plugins.appliance.requireSender(after[channel], channel);
	await services.control.write(async (tx) => {
		await tx.settings.save(senderSetting, after, services.clock.now());
		await recordEvent(
			tx,
			{ action: 'appliance.senders', actor, detail: { fields: Object.keys(change) } },
			{ clock: services.clock, visitor },
		);
	});
	return after;
}
