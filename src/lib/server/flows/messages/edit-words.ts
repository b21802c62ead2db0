/** An app's own text for one message, in each language; without it the built-in one is used. */
import { Refusal, type ErrorCode } from '../../../contract/errors';
import type { MessageTemplate } from '../../../contract/message-templates';
import {
	templateProblem,
	type TemplateChannel,
	type TemplatePurpose,
} from '../../../contract/template-words';
import { parseAppSettings } from '../apps/manage-apps';
import { appSetting } from '../apps/read-settings';
import { recordEvent } from '../audit/record-event';
import type { Actor, AppServices, Visitor } from '../services';

const locales = ['en', 'zh-CN'] as const;
type Words = Readonly<Record<(typeof locales)[number], MessageTemplate | undefined>>;

export interface WordsChange {
	channel: TemplateChannel;
	purpose: TemplatePurpose;
	words: Words;
	actor: Actor;
}

/** A subject alone is not a message; a placeholder that the message has no value for would be sent as typed. */
function faultsOf(purpose: TemplatePurpose, words: Words): Record<string, ErrorCode> {
	const faulty = locales.filter((locale) => {
		const template = words[locale];
		return template && (!template.text.trim() || templateProblem(purpose, template));
	});
	return Object.fromEntries(faulty.map((locale) => [`text.${locale}`, 'input/invalid']));
}

/** @throws Refusal input/invalid with fields `text.en`, `text.zh-CN` */
export async function saveWords(
	services: Pick<AppServices, 'id' | 'store' | 'clock'>,
	{ channel, purpose, words, actor }: WordsChange,
	visitor: Visitor,
): Promise<void> {
	const fields = faultsOf(purpose, words);
	if (Object.keys(fields).length > 0) throw new Refusal('input/invalid', { fields });
	const own = Object.fromEntries(
		locales.flatMap((locale) => (words[locale] ? [[locale, words[locale]]] : [])),
	);
	await services.store.write(async (tx) => {
		// Read as stored now: another message may be getting its text at the same time.
		await tx.settings.hold(appSetting);
		const { templates, ...settings } = parseAppSettings(await tx.settings.find(appSetting));
		const { [purpose]: _, ...others } = templates[channel];
		const carried = Object.keys(own).length > 0 ? { ...others, [purpose]: own } : others;
		const after = parseAppSettings({ ...settings, templates: { ...templates, [channel]: carried } });
		await tx.settings.save(appSetting, after, services.clock.now());
		await recordEvent(
			tx,
			{
				action: 'app.update',
				actor,
				target: `app:${services.id}`,
				detail: { fields: ['templates'], message: `${channel} ${purpose}` },
			},
			{ clock: services.clock, visitor },
		);
	});
}
