import { error } from '@sveltejs/kit';
import { channelPurposes, type TemplateChannel, type TemplatePurpose } from '$lib/contract/template-words';
import { operatorAction, operatorLoad, type ConsoleCall } from '$lib/server/edge/console-door';
import type { TypedForm } from '$lib/server/edge/typed-form';
import { saveWords } from '$lib/server/flows/messages/edit-words';
import { builtInWords, sampleValues } from '$lib/server/flows/messages/sample-letter';
import { sendTestMessage } from '$lib/server/flows/messages/send-test';
import type { Actions, PageServerLoad } from './$types';

const locales = ['en', 'zh-CN'] as const;

/** The message that the address names. */
function whichOf({ params }: Pick<ConsoleCall, 'params'>): {
	channel: TemplateChannel;
	purpose: TemplatePurpose;
} {
	const channel = params['channel'] === 'sms' ? 'sms' : 'email';
	const purpose = channelPurposes[channel].find((each) => each === params['purpose']);
	if (params['channel'] !== channel || !purpose) error(404);
	return { channel, purpose };
}

export const load = operatorLoad(async (call) => {
	const { channel, purpose } = whichOf(call);
	const app = await call.app();
	const { templates } = await app.settings();
	const own = templates[channel][purpose] ?? {};
	const words = await Promise.all(
		locales.map(async (locale) => ({
			locale,
			builtIn: await builtInWords(app, { channel, purpose, locale }),
			own: own[locale],
		})),
	);
	return { channel, purpose, words, samples: await sampleValues(app) };
}) satisfies PageServerLoad;

function wordsIn(form: TypedForm, locale: (typeof locales)[number]) {
	const [subject, text] = [form.text(`subject.${locale}`).trim(), form.text(`text.${locale}`)];
	return subject || text.trim() ? { subject, text } : undefined;
}

export const actions = {
	save: operatorAction(async (call) => {
		const { form, actor, visitor } = call;
		const words = { en: wordsIn(form, 'en'), 'zh-CN': wordsIn(form, 'zh-CN') };
		await saveWords(await call.app(), { ...whichOf(call), words, actor }, visitor);
	}),
	reset: operatorAction(async (call) => {
		const words = { en: undefined, 'zh-CN': undefined };
		await saveWords(await call.app(), { ...whichOf(call), words, actor: call.actor }, call.visitor);
	}),
	test: operatorAction(async (call) => {
		const { form, actor, visitor } = call;
		const locale = form.text('language') === 'zh-CN' ? 'zh-CN' : 'en';
		const order = { ...whichOf(call), locale, to: form.text('to'), actor } as const;
		await sendTestMessage(await call.app(), order, visitor);
	}),
} satisfies Actions;
