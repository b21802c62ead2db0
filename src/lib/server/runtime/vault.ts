/**
 * Secrets at rest (docs/architecture.md, "Storage"). The master key wraps one data key per database; the data key
 * seals values that must be read again, and keys the HMACs of values that are only compared but could be guessed.
 */
import {
	createCipheriv,
	createDecipheriv,
	createHash,
	createSecretKey,
	hash,
	createHmac,
	hkdfSync,
	randomBytes,
	timingSafeEqual,
} from 'node:crypto';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

function derive(key: Buffer, purpose: string): Buffer {
	return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), `menshen:${purpose}`, 32));
}

function encrypt(key: Buffer, plain: Buffer, context: string): string {
	const iv = randomBytes(ivBytes);
	const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(context));
	const body = Buffer.concat([cipher.update(plain), cipher.final()]);
	return `v1.${Buffer.concat([iv, body, cipher.getAuthTag()]).toString('base64url')}`;
}

function decrypt(key: Buffer, sealed: string, context: string): Buffer {
	if (!sealed.startsWith('v1.')) throw new Error('sealed value of unknown version');
	const bytes = Buffer.from(sealed.slice(3), 'base64url');
	const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes });
	decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-tagBytes));
	return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
}

/** SHA-256 of a high-entropy secret (session id, token, access key), base64url, 43 characters. */
export function digest(secret: string): string {
	return hash('sha256', secret, 'base64url');
}

/** Whether two strings are equal, in time that depends on their length only. */
export function sameSecret(a: string, b: string): boolean {
	const [x, y] = [createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest()];
	return timingSafeEqual(x, y);
}

/** Seals, opens and HMACs with one database's data key. */
export interface Vault {
	/** AES-256-GCM; `context` is the place that the value belongs to, so that it cannot be moved elsewhere. */
	seal(plain: string, context: string): string;
	/** Throws when the value was altered, moved to another context, or sealed by another key. */
	open(sealed: string, context: string): string;
	/** Keyed digest of a low-entropy secret (one-time code, user code), base64url. */
	hmac(value: string, purpose: string): string;
}

export function createVault(dataKey: Buffer): Vault {
	const sealing = derive(dataKey, 'seal');
	// Made once: converting a key in bytes for each HMAC takes as long as the HMAC itself.
	const keyed = createSecretKey(derive(dataKey, 'hmac'));
	return {
		seal: (plain, context) => encrypt(sealing, Buffer.from(plain), context),
		open: (sealed, context) => decrypt(sealing, sealed, context).toString(),
		hmac: (value, purpose) =>
			createHmac('sha256', keyed).update(`${purpose.length}:${purpose}${value}`).digest('base64url'),
	};
}

export interface MasterKey {
	/** Identifies the key without revealing it; kept in the control database. */
	readonly fingerprint: string;
	wrap(dataKey: Buffer): string;
	unwrap(wrapped: string): Buffer;
}

export function createMasterKey(key: Buffer): MasterKey {
	if (key.length !== 32) throw new Error('a master key has 32 bytes');
	const wrapping = derive(key, 'wrap');
	return {
		fingerprint: derive(key, 'fingerprint').toString('hex').slice(0, 32),
		wrap: (dataKey) => encrypt(wrapping, dataKey, 'data-key'),
		unwrap: (wrapped) => decrypt(wrapping, wrapped, 'data-key'),
	};
}

/** A fresh data key, 32 random bytes. */
export function newDataKey(): Buffer {
	return randomBytes(32);
}
