/** What a browser answers to a passkey's challenge, from a form. The plugin interprets it. */
import { z } from 'zod';
import { Refusal } from '$lib/contract/errors';

const credentialSchema = z.looseObject({ id: z.string().min(1).max(1400) });
export type SentCredential = z.output<typeof credentialSchema>;

/** @throws Refusal auth/invalid-credentials */
export function readCredential(text: string): SentCredential {
	try {
		return credentialSchema.parse(JSON.parse(text));
	} catch (cause) {
		throw new Refusal('auth/invalid-credentials', { cause });
	}
}
