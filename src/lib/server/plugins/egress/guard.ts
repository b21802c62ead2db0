/**
 * The one decision about where outgoing connections may go. A name is resolved here, all its addresses are checked,
 * and connections go to the checked addresses: a second look-up could return others.
 */
import { lookup as systemLookup, Resolver } from 'node:dns/promises';
import { canonicalHost, parseAddress } from './addresses';
import type { AllowList } from './allow-list';
import { causedBy, EgressFailure } from './failure';

export interface Address {
	address: string;
	family: 4 | 6;
}

/** All addresses of a name; rejects when there are none. */
export type Lookup = (host: string) => Promise<readonly Address[]>;

export interface Guard {
	/** @throws {EgressFailure} `refused` when any address is not allowed, `network` when the name has none. */
	resolve(host: string): Promise<readonly Address[]>;
	/** Checks a host that is an address; ignores names. @throws {EgressFailure} `refused` */
	refuseLiteral(host: string): void;
	/** Whether the host may be private; then it may be called without TLS, too. */
	isAllowedByName(host: string): boolean;
}

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4);

/**
 * The system's resolver (hosts file, search domains). It works on the thread pool that also hashes passwords, so a
 * dead name server may block two of its threads and no more.
 */
const slots = 2;
let busy = 0;
const waiting: (() => void)[] = [];

export const lookupBySystem: Lookup = async (host) => {
	if (busy >= slots) await new Promise<void>((free) => waiting.push(free));
	else busy += 1;
	try {
		const found = await systemLookup(host, { all: true, verbatim: true });
		return found.map(({ address }) => ({ address, family: familyOf(address) }));
	} finally {
		const next = waiting.shift();
		if (next) next();
		else busy -= 1;
	}
};

/** Public DNS only, without threads: for names that users type. */
export const lookupPublic: Lookup = async (host) => {
	const resolver = new Resolver({ timeout: 1500, tries: 2 });
	const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
	const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
	return found.map((address) => ({ address, family: familyOf(address) }));
};

function judge(allow: AllowList, host: string, addresses: readonly Address[]): readonly Address[] {
	if (addresses.length === 0) throw new EgressFailure('network', host, 'has no address');
	// A scoped address (fe80::1%eth0) is never public and never canonical.
	const bad = addresses.find(
		({ address }) => !parseAddress(address) || !(allow.hasHost(host) || allow.hasAddress(address)),
	);
	if (bad) throw new EgressFailure('refused', host, 'leads to an address that is not allowed (EGRESS_ALLOW)');
	return addresses;
}

export function createGuard(options: { allow: AllowList; lookup?: Lookup }): Guard {
	const { allow, lookup = lookupBySystem } = options;
	const canonical = (host: string): string => {
		const name = canonicalHost(host);
		if (!name) throw new EgressFailure('refused', host.slice(0, 255), 'is not a host');
		return name;
	};
	const literal = (host: string): Address | undefined =>
		parseAddress(host) && { address: host, family: familyOf(host) };
	return {
		async resolve(host) {
			const name = canonical(host);
			const address = literal(name);
			const found = address
				? [address]
				: await lookup(name).catch((cause: unknown) => {
						throw causedBy(new EgressFailure('network', name, 'cannot be resolved'), cause);
					});
			return judge(allow, name, found);
		},
		refuseLiteral(host) {
			const name = canonical(host);
			const address = literal(name);
			if (address) judge(allow, name, [address]);
		},
		isAllowedByName: (host) => {
			const name = canonical(host);
			return allow.hasHost(name) || Boolean(literal(name) && allow.hasAddress(name));
		},
	};
}
