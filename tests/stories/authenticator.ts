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
