/** The ways in which people have written a private address to get it past a guard. */

type Octets = [number, number, number, number];

const privateAddresses: Octets[] = [
	[127, 0, 0, 1],
	[127, 255, 255, 254],
	[0, 0, 0, 0],
	[10, 0, 0, 5],
	[100, 64, 0, 1],
	[169, 254, 169, 254],
	[172, 16, 0, 1],
	[172, 31, 255, 255],
	[192, 168, 1, 1],
	[198, 18, 0, 1],
	[224, 0, 0, 1],
	[255, 255, 255, 255],
];

const hex = (value: number, width = 0) => value.toString(16).padStart(width, '0');
const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));

function spellingsOf([a, b, c, d]: Octets): string[] {
	const dotted = `${a}.${b}.${c}.${d}`;
	const whole = ((a * 256 + b) * 256 + c) * 256 + d;
	const high = hex(a * 256 + b);
	const low = hex(c * 256 + d);
	return [
		dotted,
		`${dotted}.`,
		String(whole),
		`0x${hex(whole, 8)}`,
		`0X${hex(whole).toUpperCase()}`,
		`0${whole.toString(8)}`,
		[a, b, c, d].map((part) => `0x${hex(part)}`).join('.'),
		[a, b, c, d].map((part) => `0${part.toString(8).padStart(3, '0')}`).join('.'),
		`${a}.${b}.${c * 256 + d}`,
		`${a}.${(b * 256 + c) * 256 + d}`,
		`0x${hex(a)}.0${b.toString(8)}.${c * 256 + d}`,
		wide(dotted),
		dotted.replaceAll('.', '。'),
		dotted.replaceAll('.', '%2e'),
		`[::ffff:${dotted}]`,
		`[::ffff:${high}:${low}]`,
		`[0:0:0:0:0:FFFF:${high}:${low}]`,
		`[::${dotted}]`,
		`[::ffff:0:${dotted}]`,
		`[64:ff9b::${dotted}]`,
		`[64:ff9b:1::${high}:${low}]`,
		`[2002:${high}:${low}::]`,
	];
}

const versionSix = [
	'[::]',
	'[::1]',
	'[0:0:0:0:0:0:0:1]',
	'[0000:0000:0000:0000:0000:0000:0000:0001]',
	'[fc00::1]',
	'[fd00::]',
	'[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]',
	'[FD00::1]',
	'[fe80::1]',
	'[febf::1]',
	'[fec0::1]',
	'[ff02::1]',
	'[ff0e::1]',
	'[100::1]',
	'[2001::1]',
	'[2001:db8::1]',
	'[2001:2::1]',
	'[2001:10::1]',
	'[3fff::1]',
	'[5f00::1]',
	'[4000::1]',
];

/** Hosts as they are written in an address. None of them is public. */
export const privateSpellings: readonly string[] = [
	...new Set([...privateAddresses.flatMap(spellingsOf), ...versionSix]),
];

/** The open internet, in forms that must not be refused along with the rest. */
export const publicSpellings: readonly string[] = [
	'8.8.8.8',
	'1.1.1.1',
	'9.9.9.9.',
	'134744072',
	'0x08080808',
	'172.15.255.255',
	'172.32.0.0',
	'100.63.255.255',
	'100.128.0.0',
	'169.253.0.1',
	'192.167.255.255',
	'223.255.255.255',
	'[2606:4700:4700::1111]',
	'[2001:4860:4860::8888]',
	'[::ffff:8.8.8.8]',
	'[64:ff9b::8.8.8.8]',
	'[240e::1]',
];
