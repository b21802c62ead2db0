/** RSA keys as operators paste them: Alipay's tool gives out bare base64, others PEM. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** RSA2 requires this size. */
const leastBits = 2048;

const derOf = (text: string) => Buffer.from(text.replace(/-----[^-]*-----|\s/g, ''), 'base64');

function readPrivate(text: string): KeyObject {
	const key = derOf(text);
	try {
		return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
	} catch {
		return createPrivateKey({ key, format: 'der', type: 'pkcs1' });
	}
}

const readPublic = (text: string) => createPublicKey({ key: derOf(text), format: 'der', type: 'spki' });

/** A config value that becomes a key. What is wrong with it is never repeated: it may be the private one. */
const keyBy = (read: (text: string) => KeyObject) =>
	z.string().transform((text, context): KeyObject => {
		try {
			const key = read(text);
			const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
			if (key.asymmetricKeyType === 'rsa' && bits >= leastBits) return key;
		} catch {
			// The issue below reports it.
		}
		context.addIssue({ code: 'custom', message: 'not an RSA key of at least 2048 bits' });
		return z.NEVER;
	});

export const privateKeySchema = keyBy(readPrivate);
export const publicKeySchema = keyBy(readPublic);

/** A common mistake: one's own public key where Alipay's belongs. */
export const isPair = (privateKey: KeyObject, publicKey: KeyObject): boolean =>
	createPublicKey(privateKey).equals(publicKey);
