/** A new passkey: what the browser is asked to make, and whether it did (WebAuthn Level 3, §7.1). */
import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import {
	PluginFailure,
	type CeremonyOptions,
	type CeremonyResponse,
	type CeremonyStart,
	type CeremonyVerdict,
} from '@menshen/plugin-kit';
import { handleOf, patience, refuseFrames, rpIdOf, type Config } from './ceremony';
import { parseText, registrationSchema, storedSchema, type Stored } from './replies';

/** EdDSA, ES256, RS256 by their COSE numbers: which common devices support. */
const algorithms = [-8, -7, -257];

export async function enrolOptions(
	{ origin, user, credentials }: CeremonyStart,
	config: Config,
): Promise<CeremonyOptions> {
	if (!user) throw new PluginFailure('refused', 'a passkey is made for somebody');
	const rpID = rpIdOf(origin);
	const options = await generateRegistrationOptions({
		rpName: config.rpName ?? rpID,
		rpID,
		userID: handleOf(user.id),
		userName: user.name,
		userDisplayName: user.name,
		timeout: patience,
		attestationType: 'none',
		excludeCredentials: credentials.map(({ id, stored }) => ({
			id,
			transports: parseText(storedSchema, stored)?.transports ?? [],
		})),
		// Only keys that the device finds by itself can sign in without a username.
		authenticatorSelection: { residentKey: 'required', userVerification: config.userVerification },
		supportedAlgorithmIDs: algorithms,
	});
	const kept = JSON.stringify({ purpose: 'enrol', challenge: options.challenge });
	return { options: { ...options }, kept };
}

/**
 * No attestation was asked for. Certificates in a statement would have to be checked against lists that the
 * statement itself names: a sender could make this server call any address.
 */
function refuseCertificates(attestationObject: string): void {
	const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
	const format = decoded.get('fmt');
	const signedByItself = format === 'packed' && !decoded.get('attStmt').get('x5c');
	if (format !== 'none' && !signedByItself) throw new Error('an attestation that nobody asked for');
}

/** @throws {Error} saying what is wrong with the answer */
export async function verifyEnrolment(
	{ origin, response }: CeremonyResponse,
	challenge: string,
	config: Config,
): Promise<CeremonyVerdict> {
	const answer = registrationSchema.parse(response);
	refuseFrames(answer.response.clientDataJSON);
	refuseCertificates(answer.response.attestationObject);
	const { transports = [] } = answer.response;
	const { verified, registrationInfo } = await verifyRegistrationResponse({
		response: { ...answer, clientExtensionResults: {}, response: { ...answer.response, transports } },
		expectedChallenge: challenge,
		expectedOrigin: origin,
		expectedRPID: rpIdOf(origin),
		requireUserVerification: config.userVerification === 'required',
		supportedAlgorithmIDs: algorithms,
	});
	if (!verified) return { ok: false };
	const { credential, aaguid, credentialDeviceType, credentialBackedUp } = registrationInfo;
	if (credential.id !== answer.id) throw new Error('the credential is not the one it is called');
	const stored: Stored = {
		publicKey: isoBase64URL.fromBuffer(credential.publicKey),
		counter: credential.counter,
		transports,
		aaguid,
		backupEligible: credentialDeviceType === 'multiDevice',
		backedUp: credentialBackedUp,
	};
	return { ok: true, credential: { id: credential.id, stored: JSON.stringify(stored) } };
}
