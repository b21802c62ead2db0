/**
 * Which addresses are public. Everything that IANA's special-purpose registries list (RFC 6890) is not, in
 * whichever spelling: an IPv6 form that carries an IPv4 address is treated as that IPv4 address.
 */
import ipaddr from 'ipaddr.js';

const nat64 = ipaddr.IPv6.parse('64:ff9b::');
const globalUnicast = ipaddr.IPv6.parse('2000::');

function isPublicIPv6(address: ipaddr.IPv6): boolean {
	if (address.zoneId) return false;
	if (address.isIPv4MappedAddress()) return isPublicIPv4(address.toIPv4Address());
	// DNS64 networks reach the IPv4 internet through the well-known prefix only (RFC 6052 §2.1).
	if (address.match(nat64, 96)) return isPublicIPv4(new ipaddr.IPv4(address.toByteArray().slice(12)));
	return address.match(globalUnicast, 3) && address.range() === 'unicast';
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
	return address.range() === 'unicast';
}

/** Whether a canonical address is public. An address that cannot be parsed is not. */
export function isPublicAddress(address: string): boolean {
	const parsed = parseAddress(address);
	if (!parsed) return false;
	return parsed instanceof ipaddr.IPv6 ? isPublicIPv6(parsed) : isPublicIPv4(parsed);
}

/** The four-part form of IPv4 or any form of IPv6, as sockets report them. IPv4 in IPv6 comes out as IPv4. */
export function parseAddress(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
	if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address);
	if (!ipaddr.IPv6.isValid(address)) return undefined;
	// The parser treats the obsolete form `::1.2.3.4` as a mapped address; a socket does not.
	const parsed = ipaddr.IPv6.parse(address.includes('.') ? (canonicalHost(address) ?? address) : address);
	return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
}

/**
 * A host as the URL standard reads it: `0x7f.1`, `2130706433`, `127.1` and `１２７.0.0.1` are 127.0.0.1;
 * no brackets, no trailing dot, lower case. Undefined for an invalid host.
 */
export function canonicalHost(host: string): string | undefined {
	const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
	if (!bracketed || /[\s/?#@\\]|\]./.test(bracketed) || !URL.canParse(`http://${bracketed}/`))
		return undefined;
	const name = new URL(`http://${bracketed}/`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
	return /^[a-z0-9._-]+$|^[0-9a-f:]+$/.test(name) ? name : undefined;
}
