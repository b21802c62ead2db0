/** What a browser answers to a passkey's challenge, as a form carries it. What it means is the plugin's to say. */
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
