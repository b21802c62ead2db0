/** Chromium's virtual authenticator (WebAuthn Level 3 §11): a key on the device that needs no touch. */
import { expect, type CDPSession, type Page } from '@playwright/test';

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
 * field, `button` for a press. What the button asks for reaches the device once `answerButton` has said how it goes:
 * the device looks at its key when it is asked, and never again.
 */
export async function noteAsked(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const get = navigator.credentials.get.bind(navigator.credentials);
		const note = (what: string) => (document.documentElement.dataset.asked = what);
		navigator.credentials.get = async (options) => {
			if (options?.mediation === 'conditional') {
				const answer = get(options);
				note('field');
				return answer;
			}
			const decided = new Promise((go) => addEventListener('decided', go, { once: true }));
			note('button');
			await decided;
			return get(options);
		};
	});
}

/** Whether the person touches the key at once, or never. */
export async function touch({ session, id: authenticatorId }: Device, enabled: boolean): Promise<void> {
	await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
}

const verify = ({ session, id: authenticatorId }: Device, isUserVerified: boolean) =>
	session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });

/**
 * What the button asks for is answered, in a page that `noteAsked` watches: by a touch, or by somebody who is not
 * verified, of whom the page hears the same as of a prompt that was closed (WebAuthn Level 3 §14.5.1: it must not be
 * able to tell). `until`: what the page then shows.
 */
export async function answerButton(
	page: Page,
	device: Device,
	{ verified, until }: { verified: boolean; until(): Promise<void> },
): Promise<void> {
	await expect(page.locator('html[data-asked=button]')).toBeAttached();
	await verify(device, verified);
	await touch(device, true);
	await page.evaluate(() => dispatchEvent(new Event('decided')));
	await until();
	await touch(device, verified);
	await verify(device, true);
}
