/**
 * A browser that signed in before carries a sealed note of it. Strangers can then use up an account's
 * wrong tries without keeping its owner out: the owner's browser is counted on its own.
 */
import { randomToken } from '../../runtime/random';
import { sameSecret, type Vault } from '../../runtime/vault';

const macOf = (vault: Vault, userId: string, nonce: string) =>
	vault.hmac(`${userId}\0${nonce}`, 'known-browser');

export function issueKnownBrowser(vault: Vault, userId: string): string {
	const nonce = randomToken(16);
	return `${nonce}.${macOf(vault, userId, nonce)}`;
}

/** @returns a name for this browser of this user, or undefined where the note is not ours */
export function recogniseBrowser(vault: Vault, userId: string, note: string | undefined): string | undefined {
	const [nonce, mac, rest] = (note ?? '').split('.');
	if (!nonce || !mac || rest !== undefined) return undefined;
	return sameSecret(mac, macOf(vault, userId, nonce)) ? nonce : undefined;
}
