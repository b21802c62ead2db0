/** The fields that end-user forms may carry (docs: "Pages" of the outside interface), and how long each may be. */
import { identifierLimits } from '../contract/identifiers';

export const formFields = {
	identifier: identifierLimits.email,
	username: identifierLimits.username,
	email: identifierLimits.email,
	name: 80,
	locale: 16,
	password: 1024,
	newPassword: 1024,
	code: 32,
	token: 128,
	connector: 64,
	decision: 16,
	clientId: 128,
	sessionId: 128,
	step: 16,
} as const satisfies Readonly<Record<string, number>>;

export type FormField = keyof typeof formFields;

/** Never sent back to the browser, never kept. */
const secretFields: readonly FormField[] = ['password', 'newPassword', 'code', 'token'];

export const isSecretField = (field: FormField): boolean => secretFields.includes(field);
