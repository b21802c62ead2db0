/** The appliance's own sender and alert address. Apps that chose no sender use this one. */
import { z } from 'zod';
import { Refusal } from '../../../contract/errors';
import { editedFields, shownIn } from '../../domain/edited';
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

/** @throws Refusal input/invalid with the fields at fault */
function parseMail(input: unknown): ApplianceMail {
	const { data, error } = applianceMailSchema.safeParse(input);
	if (data) return data;
	const fields = error.issues.map((issue) => [String(issue.path[0]), 'input/invalid'] as const);
	throw new Refusal('input/invalid', { fields: Object.fromEntries(fields) });
}

/** For owners. @throws Refusal auth/forbidden, input/invalid, plugin/not-found, plugin/outbox-not-allowed, sender/not-configured */
export async function saveApplianceMail(
	services: Needs,
	{ change, actor }: { change: Partial<ApplianceMail>; actor: Actor },
	visitor: Visitor,
): Promise<ApplianceMail> {
	requireOwner(actor);
	const before = await readApplianceMail(services);
	parseMail({ ...before, ...change });
	const { plugins, clock } = services;
	for (const channel of senderChannels) {
		const chosen = change[channel];
		if (chosen && chosen !== before[channel]) await plugins.appliance.requireSender(chosen, channel);
	}
	return services.control.write(async (tx) => {
		// Merged with what is stored now: of two changes at once, neither undoes the other.
		await tx.settings.hold(senderSetting);
		const stored = (await tx.settings.find(senderSetting)) as Partial<ApplianceMail> | undefined;
		const after = parseMail({ ...stored, ...change });
		await tx.settings.save(senderSetting, after, clock.now());
		await recordEvent(
			tx,
			{ action: 'appliance.senders', actor, detail: { fields: Object.keys(change) } },
			{ clock, visitor },
		);
		return after;
	});
}

/**
 * The console's form: only what was changed in it is written.
 * @param edit.drawn what the form showed
 * @throws Refusal input/outdated (without `drawn`), and what `saveApplianceMail` throws
 */
export async function editApplianceMail(
	services: Needs,
	{ drawn, typed, actor }: { drawn: unknown; typed: ApplianceMail; actor: Actor },
	visitor: Visitor,
): Promise<void> {
	requireOwner(actor);
	const change = editedFields<Partial<ApplianceMail>>(shownIn(drawn), typed);
	if (Object.keys(change).length > 0) await saveApplianceMail(services, { change, actor }, visitor);
}
