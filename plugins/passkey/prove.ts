/** Signing in with a passkey: the question, and whether the answer proves the key (WebAuthn Level 3, §7.2). */
import { generateAuthenticationOptions, verifyAuthenticationResponse } from '@simplewebauthn/server';
import { isoBase64URL } from '@simplewebauthn/server/helpers';
import type { CeremonyOptions, CeremonyResponse, CeremonyStart, CeremonyVerdict } from '@menshen/plugin-kit';
import { handleOf, patience, refuseFrames, rpIdOf, type Config } from './ceremony';
import { assertionSchema, parseText, storedSchema, type Stored } from './replies';

/**
 * Without a user the device is asked for any key that it has for this site: by a button, or in the username field
 * (conditional mediation, which takes the same options).
 */
export async function proveOptions(
	{ origin, user, credentials }: CeremonyStart,
	config: Config,
): Promise<CeremonyOptions> {
	const known = credentials.map(({ id, stored }) => ({
		id,
		transports: parseText(storedSchema, stored)?.transports ?? [],
	}));
	const options = await generateAuthenticationOptions({
		rpID: rpIdOf(origin),
		timeout: patience,
		userVerification: config.userVerification,
		allowCredentials: user ? known : [],
	});
	const kept = JSON.stringify({ purpose: 'prove', challenge: options.challenge });
	return { options: { ...options }, kept };
}

/** A device that names a user names this one. Most do so only where they were asked for any key. */
function refuseOthers(user: CeremonyResponse['user'], userHandle: string | null | undefined): void {
	if (user && userHandle && userHandle !== isoBase64URL.fromBuffer(handleOf(user.id)))
		throw new Error('the key is another user’s');
}

/** A counter that did not grow: the key may have been copied (§6.1.1). Keys that do not count stay at 0. */
const isRegression = (before: number, after: number): boolean => (before > 0 || after > 0) && after <= before;

interface Proof {
	verified: boolean;
	counter: number;
	backupEligible: boolean;
	backedUp: boolean;
}

async function proofOf(
	{ origin, response, user }: CeremonyResponse,
	{ challenge, stored }: { challenge: string; stored: Stored },
	config: Config,
): Promise<Proof> {
	const answer = assertionSchema.parse(response);
	const { userHandle, ...signed } = answer.response;
	refuseFrames(signed.clientDataJSON);
	refuseOthers(user, userHandle);
	const { verified, authenticationInfo } = await verifyAuthenticationResponse({
		response: { ...answer, clientExtensionResults: {}, response: signed },
		expectedChallenge: challenge,
		expectedOrigin: origin,
		expectedRPID: rpIdOf(origin),
		// The counter is compared here, after the signature: before it, anyone could have set it.
		credential: { id: answer.id, publicKey: isoBase64URL.toBuffer(stored.publicKey), counter: 0 },
		requireUserVerification: config.userVerification === 'required',
	});
	return {
		verified,
		counter: authenticationInfo.newCounter,
		backupEligible: authenticationInfo.credentialDeviceType === 'multiDevice',
		backedUp: authenticationInfo.credentialBackedUp,
	};
}

/** @throws {Error} saying what is wrong with the answer */
export async function verifyProof(
	input: CeremonyResponse,
	challenge: string,
	config: Config,
): Promise<CeremonyVerdict> {
	const { id } = input.response;
	const known = input.credentials.find((each) => each.id === id);
	const stored = known && parseText(storedSchema, known.stored);
	if (!stored) throw new Error(known ? 'what is stored for the key cannot be read' : 'nobody has this key');
	const proof = await proofOf(input, { challenge, stored }, config);
	if (!proof.verified) return { ok: false };
	// Whether a key may be copied is fixed when it is made (§7.2, step 19).
	if (proof.backupEligible !== stored.backupEligible)
		return { ok: false, report: 'backup-eligibility-changed' };
	if (isRegression(stored.counter, proof.counter)) return { ok: false, report: 'counter-regression' };
	const after: Stored = { ...stored, counter: proof.counter, backedUp: proof.backedUp };
	return { ok: true, credential: { id, stored: JSON.stringify(after) } };
}
