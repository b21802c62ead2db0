/**
 * The authorization codes of an emulated vendor (RFC 6749 §4.1): valid ten minutes, once, for the client that they
 * were given to.
 */
import { createHash, randomBytes } from 'node:crypto';
import { GivenOut } from './given-out';

export interface Grant {
	/** Who approved. */
	person: string;
	/** What the browser brought to the vendor's page. */
	asked: URLSearchParams;
}

export interface Redemption {
	code: string;
	clientId: string;
	redirectUri: string;
	verifier?: string | undefined;
}

/** What the form at a token endpoint says, for this client. */
export const redemptionIn = (form: URLSearchParams, clientId: string): Redemption => ({
	code: form.get('code') ?? '',
	clientId,
	redirectUri: form.get('redirect_uri') ?? '',
	verifier: form.get('code_verifier') ?? undefined,
});

/** How a client authenticates (RFC 6749 §2.3.1): in the header, in the form, or not at all. */
export function clientIn(headers: Headers, form: URLSearchParams) {
	const basic = /^Basic (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
	if (basic) {
		const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
		return { way: 'basic', id, secret } as const;
	}
	const [id, secret] = [form.get('client_id') ?? '', form.get('client_secret')];
	return secret === null ? ({ way: 'none', id } as const) : ({ way: 'post', id, secret } as const);
}

/** The redirect URI that a browser brought, with an answer appended. */
export function backTo(asked: URLSearchParams, answer: Readonly<Record<string, string>>): URL {
	const to = new URL(asked.get('redirect_uri') ?? '');
	for (const [name, value] of Object.entries({ ...answer, state: asked.get('state') ?? '' }))
		to.searchParams.set(name, value);
	return to;
}

export type GrantFault = 'unknown' | 'used' | 'expired' | 'client' | 'redirect' | 'verifier';

const lifetimeMs = 600_000;
const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

export class Grants {
	readonly #issued = new GivenOut<Grant>(lifetimeMs);
	readonly #prefix: string;

	constructor(prefix = '') {
		this.#prefix = prefix;
	}

	issue(grant: Grant): string {
		return this.#issued.give(grant, this.#prefix + randomBytes(16).toString('hex'));
	}

	/**
	 * A wrong try does not use the code up: only a fully correct request gets the tokens, and only the first time.
	 */
	redeem({ code, clientId, redirectUri, verifier }: Redemption): Grant | GrantFault {
		const found = this.#issued.find(code);
		if (!found) return 'unknown';
		const { asked } = found.value;
		const challenge = asked.get('code_challenge');
		if (found.used) return 'used';
		if (found.expired) return 'expired';
		if (asked.get('client_id') !== clientId) return 'client';
		if (asked.get('redirect_uri') !== redirectUri) return 'redirect';
		if (challenge !== null && challenge !== challengeOf(verifier ?? '')) return 'verifier';
		found.used = true;
		return found.value;
	}

	forget(): void {
		this.#issued.forget();
	}
}
