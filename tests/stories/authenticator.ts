/** Chromium's virtual authenticator (WebAuthn Level 3 §11): a key on the device that nobody has to touch. */
import type { CDPSession, Page } from '@playwright/test';

export interface Device {
	session: CDPSession;
	id: string;
}

export async function plugIn(page: Page): Promise<Device> {
	const session = await page.context().newCDPSession(page);
	await session.send('WebAuthn.enable');
	const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
		options: {
			protocol: 'ctap2',
			ctap2Version: 'ctap2_1',
			transport: 'internal',
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true,
		},
	});
	return { session, id: authenticatorId };
}

/**
 * From the next page on, notes on the document what the page asks of the device: `field` for the offer in the name
 * field, `button` for a press. What is asked waits for as long as nobody touches the key.
 */
export async function noteAsked(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const get = navigator.credentials.get.bind(navigator.credentials);
		navigator.credentials.get = (options) => {
			const answer = get(options);
			document.documentElement.dataset.asked = options?.mediation === 'conditional' ? 'field' : 'button';
			return answer;
		};
	});
}

/** Whether whoever is asked touches the key at once, or never. */
export async function touch({ session, id: authenticatorId }: Device, enabled: boolean): Promise<void> {
	await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
}
