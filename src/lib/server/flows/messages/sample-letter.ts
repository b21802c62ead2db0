/** Sample messages with made-up values, for operators: to read the built-in texts, and to send a test. */
import { Refusal } from '../../../contract/errors';
import type { TemplateChannel, TemplatePurpose } from '../../../contract/template-words';
import { codeConnectorFor } from '../sign-in/list-methods';
import type { AppServices } from '../services';
import { codeLetter, welcomeLetter, type CodeLetter } from './letters';
import type { Letter } from './letter';

type Needs = Pick<AppServices, 'origin' | 'id' | 'plugins' | 'settings' | 'applianceSender'>;

export interface WhichMessage {
	channel: TemplateChannel;
	purpose: TemplatePurpose;
	locale: Letter['locale'];
}

/** A made-up value for everything that a message may contain. */
export interface SampleValues {
	[name: string]: string;
	app: string;
	code: string;
	minutes: string;
	link: string;
	account: string;
	person: string;
}

const minutes = '10';

export async function sampleValues({ origin, id, settings }: Needs): Promise<SampleValues> {
	const { name } = await settings();
	const link = `${origin}/apps/${id}/account`;
	return { app: name, code: '123456', minutes, link, account: 'alex', person: 'Alex' };
}

const named = (name: string): string => `{${name}}`;

/** Each value is its own placeholder: a message filled with these is a template. */
const names: SampleValues = {
	app: named('app'),
	code: named('code'),
	minutes: named('minutes'),
	link: named('link'),
	account: named('account'),
	person: named('person'),
};

const written: readonly string[] = ['register', 'recover', 'verify-email', 'change-email'];
const isWritten = (purpose: string): purpose is CodeLetter['purpose'] => written.includes(purpose);

/** The text of its connector; a plain one where no connector is switched on. */
async function composed(
	services: Needs,
	{ channel, purpose, locale }: WhichMessage,
	values: SampleValues,
): Promise<Pick<Letter, 'subject' | 'text'>> {
	try {
		const connector = await codeConnectorFor(services, channel === 'sms' ? 'phone' : 'email');
		const { code, app: appName } = values;
		const facts = { code, purpose, appName, minutes: Number(minutes) };
		return await services.plugins.code(connector, locale).compose(facts);
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return { subject: values.app, text: `${values.app}: ${values.code}` };
	}
}

export async function sampleLetter(
	services: Needs,
	which: WhichMessage & { to: string },
	values: SampleValues,
): Promise<Letter> {
	const { channel, purpose, locale, to } = which;
	const { code, app, link, account, person } = values;
	if (purpose === 'welcome') return welcomeLetter({ name: app }, { to, person, link, locale });
	if (channel === 'email' && isWritten(purpose))
		return codeLetter({
			...{ purpose, to, app, code, link, minutes: values.minutes, locale },
			// Recovery names the account only where its address is unproven.
			...(purpose === 'recover' ? {} : { account }),
		});
	const { subject, text } = await composed(services, which, values);
	return { channel, purpose, to, subject, text, params: { ...values }, locale };
}

/** The built-in words as a template. */
export async function builtInWords(
	services: Needs,
	which: WhichMessage,
): Promise<{ subject: string; text: string }> {
	const { subject, text } = await sampleLetter(services, { ...which, to: '' }, names);
	// Connectors take the minutes as a number.
	return { subject, text: text.replace(/(?<!\d)10(?!\d)/, names.minutes) };
}
