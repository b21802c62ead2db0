/** What both ceremonies have in common: where they take place, and what the browser says about that. */
import { createHash } from 'node:crypto';
import { decodeClientDataJSON } from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import { PluginFailure } from '@menshen/plugin-kit';

export const configSchema = z.object({
	userVerification: z.enum(['required', 'preferred']),
	rpName: z.string().optional(),
});
export type Config = z.output<typeof configSchema>;

/** As long as a person may take, in milliseconds; the host keeps the challenge as long. */
export const patience = 300_000;

/**
 * The relying party is the host of the origin, and no domain above it.
 * @throws {PluginFailure} `config` for an address: browsers take names only (WebAuthn §5.1.3)
 */
export function rpIdOf(origin: string): string {
	const { hostname } = new URL(origin);
	if (hostname.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(hostname))
		throw new PluginFailure('config', 'passkeys need a host name in ORIGIN, not an address');
	return hostname;
}

/** What a device stores to name the user: at most 64 bytes (WebAuthn §5.4.3), and nothing about the person. */
export function handleOf(userId: string): Uint8Array<ArrayBuffer> {
	const bytes = new TextEncoder().encode(userId);
	return bytes.length <= 64 ? bytes : new Uint8Array(createHash('sha256').update(userId).digest());
}

/** Refuses an answer from a frame: a page of another origin may have embedded ours and misled the person. */
export function refuseFrames(clientDataJSON: string): void {
	const { crossOrigin, topOrigin } = decodeClientDataJSON(clientDataJSON);
	if (crossOrigin || topOrigin) throw new Error('asked for inside a page of another origin');
}
