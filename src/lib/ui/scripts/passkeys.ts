/**
 * Signing in with a passkey (WebAuthn Level 3): by its button, or offered by the browser in the name field. Where
 * the browser does not support it, its button stays hidden.
 */
import {
	browserSupportsWebAuthn,
	browserSupportsWebAuthnAutofill,
	startAuthentication,
	WebAuthnAbortService,
	type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';

interface Begun {
	ceremony: string;
	options: PublicKeyCredentialRequestOptionsJSON;
}

/** A challenge is valid for five minutes; one that waits in the field is renewed before that. */
const renewAfterMs = 4 * 60_000;

async function begin(form: HTMLFormElement): Promise<Begun> {
	const answer = await fetch(form.dataset.begin ?? '', { method: 'POST' });
	if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
	return (await answer.json()) as Begun;
}

/** The device gets one request at a time; the newest one cancels those before it. */
let newest = 0;

/** @returns whether it ended by itself, with or without success; false where a newer request replaced it */
async function prove(form: HTMLFormElement, autofill: boolean): Promise<'sent' | 'failed' | 'overtaken'> {
	const mine = ++newest;
	WebAuthnAbortService.cancelCeremony();
	try {
		const { ceremony, options } = await begin(form);
		if (mine !== newest) return 'overtaken';
		const response = await startAuthentication({ optionsJSON: options, useBrowserAutofill: autofill });
		const fill = (name: string, value: string) =>
			form.querySelector(`[name=${name}]`)?.setAttribute('value', value);
		fill('ceremony', ceremony);
		fill('response', JSON.stringify(response));
		form.requestSubmit();
		return 'sent';
	} catch {
		return mine === newest ? 'failed' : 'overtaken';
	}
}

async function canOfferInField(form: HTMLFormElement): Promise<boolean> {
	const field = document.querySelector('input[autocomplete~=webauthn]');
	return Boolean(form.dataset.offer && field) && (await browserSupportsWebAuthnAutofill());
}

async function main(form: HTMLFormElement): Promise<void> {
	if (!browserSupportsWebAuthn()) return;
	const canOffer = await canOfferInField(form);
	const status = document.querySelector<HTMLElement>('[data-passkey-status]');
	let renewal: ReturnType<typeof setInterval> | undefined;

	/** Ends quietly when it is renewed, when the button is pressed, or when the person cancels. */
	function offerInField(): void {
		if (!canOffer) return;
		renewal = setInterval(() => void prove(form, true), renewAfterMs);
		void prove(form, true);
	}
	async function press(): Promise<void> {
		clearInterval(renewal);
		if (status) status.hidden = true;
		if ((await prove(form, false)) !== 'failed') return;
		if (status) status.hidden = false;
		offerInField();
	}
	for (const area of document.querySelectorAll<HTMLElement>('[data-passkey-area]')) area.hidden = false;
	for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-passkey]'))
		button.addEventListener('click', () => void press());
	addEventListener('pagehide', () => clearInterval(renewal));
	offerInField();
}

const form = document.querySelector<HTMLFormElement>('form[data-begin]');
if (form) void main(form);
