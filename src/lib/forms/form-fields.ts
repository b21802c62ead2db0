/** The fields of forms that need no session, and how long each may be. */
import { identifierLimits } from '../contract/identifiers';

export const formFields = {
	identifier: identifierLimits.email,
	username: identifierLimits.username,
	email: identifierLimits.email,
	phone: identifierLimits.phone,
	/** ISO 3166-1, for a phone number typed without its country. */
	country: 2,
	name: 80,
	locale: 16,
	password: 1024,
	newPassword: 1024,
	code: 32,
	token: 128,
	setupCode: 100,
	connector: 64,
	decision: 16,
	clientId: 128,
	sessionId: 128,
	step: 16,
	identityId: 128,
	passkeyId: 1400,
	/** A passkey's answer: the id of its ceremony, and the browser's response. */
	ceremony: 128,
	response: 16_000,
} as const satisfies Readonly<Record<string, number>>;

export type FormField = keyof typeof formFields;

/** Never sent back to the browser, never kept. */
const secretFields: readonly FormField[] = [
	'password',
	'newPassword',
	'code',
	'token',
	'ceremony',
	'response',
];

export const isSecretField = (field: FormField): boolean => secretFields.includes(field);
