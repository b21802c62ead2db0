/** The operator's settings, typed; the key is read once here, so that a broken one is refused in the form. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

function readKey(pem: string): KeyObject | undefined {
	try {
		const key = createPrivateKey(pem.trim());
		return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
	} catch {
		return undefined;
	}
}

const id = z.string().regex(/^[A-Z0-9]{10}$/);

export const configSchema = z.object({
	teamId: id,
	servicesId: z.string(),
	keyId: id,
	privateKey: z.string().transform((pem, context) => {
		const key = readKey(pem);
		if (key) return key;
		context.addIssue({ code: 'custom', message: 'not a P-256 private key in PEM' });
		return z.NEVER;
	}),
	bundleIds: z
		.string()
		.default('')
		.transform((text) => text.split(/[\s,，]+/).filter(Boolean)),
});
export type Config = z.output<typeof configSchema>;
