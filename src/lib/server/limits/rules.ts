/**
 * The limits, all of them. Guessing is slowed per account, per source and per app; a stranger can slow an
 * account down from their own address only, never lock its owner out for good: another address, a browser
 * that signed in before, or recovery by email still gets in.
 */
import type { LimitRule } from './limiter';

const minutes = (count: number) => count * 60;
const hours = (count: number) => count * 3600;

const rule = (name: string, points: number, seconds: number): LimitRule => ({ name, points, seconds });

export const limits = {
	/** Wrong passwords of one account from one address. */
	signInPair: rule('sign-in-pair', 8, minutes(15)),
	/** Wrong passwords of one account from everywhere: slows an attack from many addresses. */
	signInUser: rule('sign-in-user', 60, hours(1)),
	/** Wrong passwords from one address (IPv6: one /64). */
	signInAddress: rule('sign-in-address', 100, hours(1)),
	/** Wrong passwords in a whole app. */
	signInApp: rule('sign-in-app', 100_000, hours(1)),
	/** Accounts made from one address, and in one app. */
	registerAddress: rule('register-address', 600, hours(1)),
	registerApp: rule('register-app', 100_000, hours(1)),
	/** Messages to one target (resend after a minute; so many a day), from one address, of one app. */
	sendTargetMinute: rule('send-target-minute', 1, 60),
	sendTargetDay: rule('send-target-day', 10, hours(24)),
	sendAddress: rule('send-address', 60, hours(1)),
	sendApp: rule('send-app', 10_000, hours(24)),
	/** Wrong codes from one address, on any page or API. */
	codeAddress: rule('code-address', 50, hours(1)),
	/** Failed passkeys from one address. */
	passkeyAddress: rule('passkey-address', 50, hours(1)),
	/** Redirects to a vendor begun from one address. */
	redirectAddress: rule('redirect-address', 600, hours(1)),
	/** Scan codes made for one address, and scan keys tried from it. */
	scanAddress: rule('scan-address', 300, hours(1)),
	/** How often one address opens one scan code, while it is valid. */
	scanOpen: rule('scan-open', 30, minutes(3)),
	/** Wrong client secrets of one client from one address. */
	clientPair: rule('client-pair', 60, minutes(15)),
	/** Wrong set-up codes from one address, and in all. */
	setupAddress: rule('setup-address', 10, minutes(15)),
	setupAll: rule('setup-all', 200, hours(1)),
} as const;

/** One source: an IPv4 address, or the /64 an IPv6 address lies in. The edge gives the canonical spelling. */
export function sourceOf(address: string): string {
	if (!address.includes(':')) return address;
	return `${address.split(':').slice(0, 4).join(':')}::/64`;
}

/** For every action that makes an account, or hashes a password for a new one. */
export const registerLimits = ({ address }: { address: string }) =>
	[
		[limits.registerAddress, sourceOf(address)],
		[limits.registerApp, 'all'],
	] as const;
