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
 * Lets the button for passkeys be answered and not the offer in the name field, as where nobody picks it: the key is
 * touched only once the button has asked. (Chromium looks whether the key is being touched when it is asked, and not again.)
 * @returns leaves the key alone until then; for before each page
 */
export async function answerButtonOnly(
	page: Page,
	{ session, id: authenticatorId }: Device,
): Promise<() => Promise<void>> {
	const touch = async (enabled: boolean): Promise<void> => {
		await session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
	};
	await page.exposeFunction('touchKey', () => touch(true));
	await page.addInitScript(() => {
		const { touchKey } = window as unknown as { touchKey(): Promise<void> };
		const get = navigator.credentials.get.bind(navigator.credentials);
		navigator.credentials.get = async (options) => {
			if (options?.mediation !== 'conditional') await touchKey();
			return get(options);
		};
	});
	return () => touch(false);
}
