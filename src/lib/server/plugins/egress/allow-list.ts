/** EGRESS_ALLOW: the private hosts and address ranges that outgoing calls may reach although they are private. */
import ipaddr from 'ipaddr.js';
import { canonicalHost, isPublicAddress, parseAddress } from './addresses';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

export interface AllowList {
	/** The name itself is listed, so every address it resolves to is allowed. */
	hasHost(host: string): boolean;
	/** The address is public, or lies in a listed range. */
	hasAddress(address: string): boolean;
	/** A list with these hosts added. */
	including(hosts: readonly string[]): AllowList;
}

function parseRange(entry: string): Range | undefined {
	if (entry.includes('/')) return ipaddr.isValidCIDR(entry) ? ipaddr.parseCIDR(entry) : undefined;
	const address = parseAddress(entry);
	return address && [address, address instanceof ipaddr.IPv4 ? 32 : 128];
}

function contains(ranges: readonly Range[], text: string): boolean {
	const address = parseAddress(text);
	return ranges.some(([range, bits]) => address?.kind() === range.kind() && address.match(range, bits));
}

function build(hosts: ReadonlySet<string>, ranges: readonly Range[]): AllowList {
	return {
		hasHost: (host) => hosts.has(host),
		hasAddress: (address) => isPublicAddress(address) || contains(ranges, address),
		including: (more) => build(new Set([...hosts, ...more]), ranges),
	};
}

/** @throws {Error} naming the entry that is neither a host nor a range. */
export function parseAllowList(entries: readonly string[]): AllowList {
	const hosts = new Set<string>();
	const ranges: Range[] = [];
	for (const entry of entries) {
		const bare = entry.replace(/^\[|\]$/g, '');
		const range = parseRange(bare);
		const host = range ? undefined : canonicalHost(entry);
		if (range) ranges.push(range);
		else if (host && !entry.includes('/')) hosts.add(host);
		else throw new Error(`EGRESS_ALLOW: ${entry} is neither a host nor an address range.`);
	}
	return build(hosts, ranges);
}
