/**
 * The client's address. The headers of proxies are used only from the proxies that the operator named, read from
 * the nearest hop outwards: the first address that is not a trusted proxy is the client.
 */
import ipaddr from 'ipaddr.js';

export type AddressRange = ReturnType<typeof ipaddr.parseCIDR>;

/** One spelling per address: IPv4-mapped IPv6 becomes IPv4, IPv6 is written out in full groups. */
export function canonicalAddress(value: string): string | undefined {
	const bare = value
		.trim()
		.replace(/^\[(.*)\](:\d+)?$/, '$1')
		.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
		.replace(/%.*$/, '');
	if (!ipaddr.isValid(bare)) return undefined;
	return ipaddr.process(bare).toNormalizedString();
}

/** @throws Error naming the entry that is neither an address nor a CIDR */
export function parseRanges(entries: readonly string[]): AddressRange[] {
	return entries.map((entry) => {
		if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
		if (!ipaddr.isValid(entry)) throw new Error(`${entry} is neither an address nor a CIDR`);
		const address = ipaddr.process(entry);
		return [address, address.kind() === 'ipv4' ? 32 : 128];
	});
}

export function isInRanges(address: string, ranges: readonly AddressRange[]): boolean {
	if (!ipaddr.isValid(address)) return false;
	const parsed = ipaddr.process(address);
	return ranges.some((range) => parsed.kind() === range[0].kind() && parsed.match(range));
}

/** Hops as the proxies wrote them, nearest last: RFC 7239 §5.2, and the older list of bare addresses. */
const forwardedHops = (header: string) =>
	header.split(',').map((hop) => /for="?([^";,]+)"?/i.exec(hop)?.[1] ?? 'unknown');
const bareHops = (header: string) => header.split(',').filter((hop) => hop.trim() !== '');

function walk(peer: string, hops: string[], trusted: readonly AddressRange[]): string {
	let address = peer;
	while (hops.length > 0 && isInRanges(address, trusted)) {
		const next = canonicalAddress(hops.pop() ?? '');
		if (!next) break;
		address = next;
	}
	return address;
}

/**
 * Most proxies write one of the two headers and pass the other on as the client wrote it. Where both are there and
 * name different clients, neither is used.
 */
export function clientAddress(
	peer: string,
	headers: Pick<Headers, 'get'>,
	trusted: readonly AddressRange[],
): string {
	const direct = canonicalAddress(peer) ?? 'unknown';
	const [forwarded, bare] = [headers.get('forwarded'), headers.get('x-forwarded-for')];
	const told = [
		...(forwarded ? [walk(direct, forwardedHops(forwarded), trusted)] : []),
		...(bare ? [walk(direct, bareHops(bare), trusted)] : []),
	];
	const [first = direct, second = first] = told;
	return first === second ? first : direct;
}

/** A Node request's headers as the Fetch API has them. */
export function headersOf(request: { headers: Record<string, string | string[] | undefined> }): Headers {
	const headers = new Headers();
	for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host']) {
		const value = request.headers[name];
		if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
	}
	return headers;
}
