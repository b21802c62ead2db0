/**
 * An app's own words for the messages it sends: by channel, purpose and language. Where there are none the
 * built-in ones are used. Names in braces stand for values; nothing else is replaced.
 */
import { z } from 'zod';

/** What each message may name. Those of a code must carry it. */
export const templateValues = {
	'sign-in': ['code', 'app', 'minutes', 'link'],
	register: ['code', 'app', 'minutes'],
	recover: ['code', 'app', 'minutes', 'link'],
	'verify-email': ['code', 'app', 'minutes', 'link', 'account'],
	'change-email': ['code', 'app', 'minutes', 'account'],
	'change-phone': ['code', 'app', 'minutes'],
	welcome: ['app', 'person', 'link'],
} as const satisfies Record<string, readonly string[]>;

export const templatePurposes = Object.keys(templateValues) as TemplatePurpose[];
export type TemplatePurpose = keyof typeof templateValues;

const oneLine = z.stringFormat('one line', /^[^\r\n]*$/).max(200);
const templateSchema = z.object({
	/** Of an email; empty: the built-in one. */
	subject: oneLine.default(''),
	text: z.string().trim().min(1).max(4000),
});
export type MessageTemplate = z.output<typeof templateSchema>;

const localised = z.object({ en: templateSchema.optional(), 'zh-CN': templateSchema.optional() });

const namesIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** @returns what is wrong with a template: a value that this message does not have, or the code missing */
export function templateProblem(
	purpose: TemplatePurpose,
	{ subject, text }: MessageTemplate,
): { unknown: string } | { missing: 'code' } | undefined {
	const known: readonly string[] = templateValues[purpose];
	const unknown = [...namesIn(subject), ...namesIn(text)].find((name) => !known.includes(name));
	if (unknown !== undefined) return { unknown };
	return known.includes('code') && !namesIn(text).includes('code') ? { missing: 'code' } : undefined;
}

const channelSchema = z
	.partialRecord(z.enum(templatePurposes as [TemplatePurpose, ...TemplatePurpose[]]), localised)
	.default({})
	.superRefine((templates, context) => {
		for (const [purpose, languages] of Object.entries(templates) as [
			TemplatePurpose,
			z.output<typeof localised>,
		][])
			for (const [locale, template] of Object.entries(languages)) {
				const problem = template && templateProblem(purpose, template);
				if (problem)
					context.addIssue({
						code: 'custom',
						path: [purpose, locale, 'text'],
						message: 'missing' in problem ? 'must contain {code}' : `{${problem.unknown}} is not known here`,
					});
			}
	});

export const templatesSchema = z
	.object({ email: channelSchema, sms: channelSchema })
	.default({ email: {}, sms: {} });
export type MessageTemplates = z.output<typeof templatesSchema>;

/** The values are put in once: braces inside a value stay as they are. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
