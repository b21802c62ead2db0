/**
 * The values that an app's own texts may contain, how they are filled in, and how texts are checked. Used by
 * browsers too.
 */

/** The values that each message may contain. Messages with a code must contain it. */
export const templateValues = {
	'sign-in': ['code', 'app', 'minutes', 'link'],
	register: ['code', 'app', 'minutes'],
	recover: ['code', 'app', 'minutes', 'link'],
	'verify-email': ['code', 'app', 'minutes', 'link', 'account'],
	'change-email': ['code', 'app', 'minutes', 'account'],
	'change-phone': ['code', 'app', 'minutes'],
	welcome: ['app', 'person', 'link'],
} as const satisfies Record<string, readonly string[]>;

export type TemplatePurpose = keyof typeof templateValues;
export type TemplateChannel = 'email' | 'sms';

/** Which messages each channel carries. */
export const channelPurposes: Readonly<Record<TemplateChannel, readonly TemplatePurpose[]>> = {
	email: ['sign-in', 'register', 'recover', 'verify-email', 'change-email', 'welcome'],
	sms: ['sign-in', 'register', 'recover', 'change-phone'],
};

const namesIn = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

export type TemplateProblem = { unknown: string } | { missing: 'code' };

/** @returns what is wrong with a template: a value that this message does not have, or the code missing */
export function templateProblem(
	purpose: TemplatePurpose,
	{ subject, text }: { subject: string; text: string },
): TemplateProblem | undefined {
	const known: readonly string[] = templateValues[purpose];
	const unknown = [...namesIn(subject), ...namesIn(text)].find((name) => !known.includes(name));
	if (unknown !== undefined) return { unknown };
	return known.includes('code') && !namesIn(text).includes('code') ? { missing: 'code' } : undefined;
}

/** The values are filled in once: braces inside a value stay as they are. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
	return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
