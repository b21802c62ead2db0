/** Fields that several `auth` procedures take. Limits stop absurd lengths; the flows validate the rest. */
import { z } from 'zod';

export const identifierInput = z.string().min(1).max(320);
export const secretInput = z.string().min(1).max(4096);
export const codeInput = z.string().trim().min(1).max(64);
export const tokenInput = z.string().min(1).max(256);
export const connectorInput = z.string().min(1).max(40);
export const ticketInput = z.strictObject({
	connector: connectorInput,
	ticket: z.string().min(1).max(8192),
	/** What else the vendor's client supplied, e.g. `phoneCode`. Hints, never the person's identity. */
	params: z.record(z.string().max(64), z.string().max(2048)).optional(),
});
/** As the browser gave it: `PublicKeyCredential.toJSON()` (WebAuthn Level 3 §5.1). */
export const ceremonyAnswerInput = z.strictObject({
	ceremony: tokenInput,
	response: z.looseObject({ id: z.string().min(1).max(1400) }),
});
export const begunCeremonyView = z.object({
	ceremony: z.string(),
	options: z.record(z.string(), z.unknown()),
});
