/** A letter in the app's own words, where it has some for this message in the reader's language. */
import type { AppSettings } from '../../../contract/app-settings';
import { fillTemplate, templateValues, type TemplatePurpose } from '../../../contract/template-words';
import type { Letter } from './letter';

const isTemplated = (purpose: string): purpose is TemplatePurpose => Object.hasOwn(templateValues, purpose);

export function inOwnWords(
	{ templates, name }: Pick<AppSettings, 'templates' | 'name'>,
	letter: Letter,
): Letter {
	const { channel, purpose, locale, params } = letter;
	if (!isTemplated(purpose)) return letter;
	const template = templates[channel][purpose]?.[locale];
	if (!template) return letter;
	const values = { app: name, ...params };
	const { html: _, ...rest } = letter;
	return {
		...rest,
		subject: fillTemplate(template.subject, values).replace(/\s+/g, ' ').trim() || letter.subject,
		text: fillTemplate(template.text, values),
	};
}
