/**
 * Signing in with a passkey (WebAuthn Level 3): by its button, or offered by the browser in the name field. Where it
 * cannot be, its button stays hidden.
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

/** A challenge is good for five minutes; one that waits in the field is renewed before. */
const renewAfterMs = 4 * 60_000;

async function begin(form: HTMLFormElement): Promise<Begun> {
	const answer = await fetch(form.dataset.begin ?? '', { method: 'POST' });
	if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
	return (await answer.json()) as Begun;
}

async function prove(form: HTMLFormElement, autofill: boolean): Promise<void> {
	const { ceremony, options } = await begin(form);
	const response = await startAuthentication({ optionsJSON: options, useBrowserAutofill: autofill });
	const fill = (name: string, value: string) =>
		form.querySelector(`[name=${name}]`)?.setAttribute('value', value);
	fill('ceremony', ceremony);
	fill('response', JSON.stringify(response));
	form.requestSubmit();
}

/** Offers passkeys in the name field for as long as the page is open. */
async function offerInField(form: HTMLFormElement): Promise<void> {
	const field = document.querySelector('input[autocomplete~=webauthn]');
	if (!form.dataset.offer || !field || !(await browserSupportsWebAuthnAutofill())) return;
	// Ends quietly when it is renewed, when the button is pressed, or when somebody turns back.
	const wait = () => void prove(form, true).catch(() => undefined);
	const timer = setInterval(wait, renewAfterMs);
	addEventListener('pagehide', () => clearInterval(timer));
	wait();
}

function main(form: HTMLFormElement): void {
	if (!browserSupportsWebAuthn()) return;
	const status = document.querySelector<HTMLElement>('[data-passkey-status]');
	for (const area of document.querySelectorAll<HTMLElement>('[data-passkey-area]')) area.hidden = false;
	for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-passkey]'))
		button.addEventListener('click', () => {
			WebAuthnAbortService.cancelCeremony();
			if (status) status.hidden = true;
			prove(form, false).catch(() => {
				if (status) status.hidden = false;
				void offerInField(form);
			});
		});
	void offerInField(form);
}

const form = document.querySelector<HTMLFormElement>('form[data-begin]');
if (form) main(form);
