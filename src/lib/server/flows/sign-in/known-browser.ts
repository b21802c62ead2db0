/**
 * A browser that signed in before carries a sealed note of it. Strangers can then use up an account's
 * wrong tries without keeping its owner out: the owner's browser has a count of its own.
 */
import { randomToken } from '../../runtime/random';
import { sameSecret, type Vault } from '../../runtime/vault';

interface Known {
	userId: string;
	/** Id of the credential it was proven with: after a change of password the note is void. */
	credential: string;
}

const macOf = (vault: Vault, { userId, credential }: Known, nonce: string) =>
	vault.hmac(`${userId}\0${credential}\0${nonce}`, 'known-browser');

export function issueKnownBrowser(vault: Vault, known: Known): string {
	const nonce = randomToken(16);
	return `${nonce}.${macOf(vault, known, nonce)}`;
}

/** @returns a name for this browser of this user, or undefined where the note is not ours */
export function recogniseBrowser(vault: Vault, known: Known, note: string | undefined): string | undefined {
	const [nonce, mac, rest] = (note ?? '').split('.');
	if (!nonce || !mac || rest !== undefined) return undefined;
	return sameSecret(mac, macOf(vault, known, nonce)) ? nonce : undefined;
}
