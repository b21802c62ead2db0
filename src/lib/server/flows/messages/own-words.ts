/** A letter in the app's own words, where it has some for this message in the reader's language. */
import { fillTemplate, templateValues, type TemplatePurpose } from '../../../contract/template-words';
import type { AppServices } from '../services';
import type { Letter } from './letter';

const isTemplated = (purpose: string): purpose is TemplatePurpose => Object.hasOwn(templateValues, purpose);

export async function inOwnWords(services: Pick<AppServices, 'settings'>, letter: Letter): Promise<Letter> {
	const { channel, purpose, locale, params } = letter;
	if (!isTemplated(purpose)) return letter;
	const { templates, name } = await services.settings();
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
