/** Reads an email as a mailbox would: headers, and the text and HTML inside (RFC 5322, RFC 2045, RFC 2047). */

export interface ReadMail {
	/** By lower-case name; the last one wins. */
	headers: Record<string, string>;
	subject: string;
	text: string;
	html: string;
}

function split(source: string): { headers: Record<string, string>; body: string } {
	const [head = '', ...rest] = source.split('\r\n\r\n');
	const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
	const headers = Object.fromEntries(
		lines.map((line) => [
			line.slice(0, line.indexOf(':')).toLowerCase(),
			line.slice(line.indexOf(':') + 1).trim(),
		]),
	);
	return { headers, body: rest.join('\r\n\r\n') };
}

function unquote(text: string): Buffer {
	const joined = text.replace(/=\r\n/g, '');
	return Buffer.from(
		joined.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
		'latin1',
	);
}

/** An encoded word, e.g. `=?UTF-8?Q?=E4=BD=A0?=`. Neighbours belong together. */
function decodeWords(value: string): string {
	return value
		.replace(/\?=\s+=\?/g, '?==?')
		.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) => {
			const bytes =
				kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : unquote(text.replaceAll('_', ' '));
			return bytes.toString('utf8');
		});
}

function decodeBody(body: string, encoding = ''): string {
	if (encoding.toLowerCase() === 'base64') return Buffer.from(body, 'base64').toString('utf8');
	if (encoding.toLowerCase() === 'quoted-printable') return unquote(body).toString('utf8');
	return Buffer.from(body, 'latin1').toString('utf8');
}

function readPart(source: string, into: Pick<ReadMail, 'text' | 'html'>): Record<string, string> {
	const { headers, body } = split(source);
	const type = headers['content-type'] ?? 'text/plain';
	const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
	if (boundary) {
		for (const part of body.split(`--${boundary}`).slice(1, -1)) readPart(part.replace(/^\r\n/, ''), into);
		return headers;
	}
	const decoded = decodeBody(body, headers['content-transfer-encoding']).replace(/\r\n/g, '\n').trimEnd();
	if (type.startsWith('text/html')) into.html = decoded;
	else if (type.startsWith('text/plain')) into.text = decoded;
	return headers;
}

export function readMail(source: Buffer): ReadMail {
	const found = { text: '', html: '' };
	const headers = readPart(source.toString('latin1'), found);
	return { headers, subject: decodeWords(headers['subject'] ?? ''), ...found };
}
