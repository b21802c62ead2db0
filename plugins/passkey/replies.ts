/** What browsers answer (WebAuthn Level 3, §5.1 toJSON), what is kept between question and answer, and what is stored. */
import { z } from 'zod';

const base64url = (longest: number) =>
	z
		.string()
		.regex(/^[A-Za-z0-9_-]+$/)
		.max(longest);
const transports = z.array(z.string().regex(/^[a-z-]{1,20}$/)).max(8);

const answered = {
	id: base64url(1400),
	rawId: base64url(1400),
	type: z.literal('public-key'),
};

export const registrationSchema = z.object({
	...answered,
	response: z.object({
		clientDataJSON: base64url(8_192),
		attestationObject: base64url(32_768),
		transports: transports.optional(),
	}),
});

export const assertionSchema = z.object({
	...answered,
	response: z.object({
		clientDataJSON: base64url(8_192),
		authenticatorData: base64url(8_192),
		signature: base64url(2_048),
		userHandle: base64url(128).nullish(),
	}),
});

export const keptSchema = z.strictObject({
	purpose: z.enum(['enrol', 'prove']),
	challenge: base64url(128),
});

export const storedSchema = z.strictObject({
	/** COSE, base64url. */
	publicKey: base64url(4_096),
	/** 0 where the device does not count. */
	counter: z.int().min(0),
	/** How the device can be reached, for the browser to know. */
	transports,
	/** The model of the device; zeros where it does not disclose it. */
	aaguid: z.string().max(36),
	/** Whether the key may be copied to other devices of its owner (for good), and whether it has been. */
	backupEligible: z.boolean(),
	backedUp: z.boolean(),
});
export type Stored = z.output<typeof storedSchema>;

/** @returns undefined for what is not JSON of that shape */
export function parseText<T>(schema: z.ZodType<T>, text: string): T | undefined {
	try {
		return schema.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}
