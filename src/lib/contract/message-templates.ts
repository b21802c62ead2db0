/**
 * An app's own texts for the messages it sends: by channel, purpose and language. Without one the built-in text is
 * used. Names in braces stand for values; nothing else is replaced.
 */
import { z } from 'zod';
import { templateProblem, templateValues, type TemplatePurpose } from './template-words';

export const templatePurposes = Object.keys(templateValues) as [TemplatePurpose, ...TemplatePurpose[]];

const oneLine = z.stringFormat('one line', /^[^\r\n]*$/).max(200);
export const templateSchema = z.object({
	/** Subject of an email; empty: the built-in one. */
	subject: oneLine.default(''),
	text: z.string().trim().min(1).max(4000),
});
export type MessageTemplate = z.output<typeof templateSchema>;

const localised = z.object({ en: templateSchema.optional(), 'zh-CN': templateSchema.optional() });

const channelSchema = z
	.partialRecord(z.enum(templatePurposes), localised)
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
