/**
 * Passwords as argon2id with the parameters of OWASP's Password Storage Cheat Sheet (m=19 MiB, t=2, p=1).
 * A password is used as typed, except for NFC, so that é is the same from every keyboard; nothing is cut off or
 * folded.
 */
import { randomBytes } from 'node:crypto';
import { hash, parseOptions, verify, type ParsedHashOptions } from '@node-rs/argon2';
import { definePlugin, PluginFailure, type SecretVerdict } from '@menshen/plugin-kit';
import manifest from './manifest.json';
import { Pool } from './pool';

const argon2id = 2;
const parameters = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 };

/** In characters as people count them. */
const longest = 1_024;
/** An imported hash may be costlier than ours, but one sign-in must not use up the machine's memory. */
const costliest = { memoryCost: 262_144, timeCost: 16, parallelism: 8 };

const pool = new Pool();
const options = parameters as Parameters<typeof hash>[1];

const normalise = (secret: string): string => secret.normalize('NFC');
const isTooLong = (secret: string): boolean => secret.length > 2 * longest || [...secret].length > longest;

let dummy: Promise<string> | undefined;
/** The hash that is checked when there is none: its password is unknown. */
function dummyHash(): Promise<string> {
	dummy ??= hash(randomBytes(32), options);
	dummy.catch(() => (dummy = undefined));
	return dummy;
}

function parametersOf(stored: string): ParsedHashOptions | undefined {
	try {
		const found = parseOptions(stored);
		const cheap = (Object.keys(costliest) as (keyof typeof costliest)[]).every(
			(key) => found[key] <= costliest[key],
		);
		return cheap ? found : undefined;
	} catch {
		return undefined;
	}
}

function isOutdated(found: ParsedHashOptions): boolean {
	return (Object.keys(parameters) as (keyof typeof parameters)[]).some(
		(key) => found[key] !== parameters[key],
	);
}

async function check(
	secret: string,
	stored: string | undefined,
	signal: AbortSignal,
): Promise<SecretVerdict> {
	const against = await dummyHash();
	const found = stored === undefined ? undefined : parametersOf(stored);
	const real = !isTooLong(secret) && found && stored ? { stored, found } : undefined;
	const typed = real ? normalise(secret) : '';
	const matches = await pool.run(() => verify(real?.stored ?? against, typed), signal);
	if (!matches || !real) return { ok: false };
	if (!isOutdated(real.found)) return { ok: true };
	return { ok: true, rehash: await pool.run(() => hash(typed, options), signal) };
}

export default definePlugin({
	manifest,
	secret: {
		async enrol({ secret }, { signal }) {
			const typed = normalise(secret);
			if (typed === '' || isTooLong(typed))
				throw new PluginFailure('refused', `a password has 1 to ${longest} characters`);
			return pool.run(() => hash(typed, options), signal);
		},
		check: ({ secret, stored }, { log, signal }) => {
			if (stored !== undefined && !parametersOf(stored))
				log.warn('a stored password is not an argon2 hash that can be checked');
			return check(secret, stored, signal);
		},
	},
});
