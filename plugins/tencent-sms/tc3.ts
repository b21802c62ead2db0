/** Requests to Tencent Cloud, signed by TC3-HMAC-SHA256 (cloud.tencent.com, "Signature v3"). */
import { createHash, createHmac } from 'node:crypto';
import type { HttpRequest } from '@menshen/plugin-kit';

export interface Tc3Parts {
	secretId: string;
	secretKey: string;
	host: string;
	/** The product, e.g. `sms`. */
	service: string;
	/** Seconds since 1970. */
	timestamp: number;
	/** The body. */
	payload: string;
	/** Headers that are signed beside `host`, in lower case. */
	headers: Readonly<Record<string, string>>;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The value of `Authorization` for a POST to `/`. */
export function signTc3(parts: Tc3Parts): string {
	const headers: Record<string, string> = { ...parts.headers, host: parts.host };
	const names = Object.keys(headers).sort();
	const canonical = [
		'POST',
		'/',
		'',
		// Values are signed in lower case, whatever is sent.
		...names.map((name) => `${name}:${headers[name]?.trim().toLowerCase()}`),
		'',
		names.join(';'),
		sha256(parts.payload),
	].join('\n');
	const date = new Date(parts.timestamp * 1000).toISOString().slice(0, 10);
	const scope = `${date}/${parts.service}/tc3_request`;
	const toSign = ['TC3-HMAC-SHA256', parts.timestamp, scope, sha256(canonical)].join('\n');
	const key = hmac(hmac(hmac(`TC3${parts.secretKey}`, date), parts.service), 'tc3_request');
	const signature = hmac(key, toSign).toString('hex');
	return `TC3-HMAC-SHA256 Credential=${parts.secretId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
}

interface Tc3Call {
	action: string;
	version: string;
	region: string;
	body: unknown;
	/** Where it goes: the host is signed. */
	address: string;
	/** Milliseconds since 1970. */
	now: number;
	key: Pick<Tc3Parts, 'secretId' | 'secretKey'>;
}

export function tc3Request({ action, version, region, body, address, now, key }: Tc3Call): HttpRequest {
	const payload = JSON.stringify(body);
	const timestamp = Math.floor(now / 1000);
	const signed = { 'content-type': 'application/json; charset=utf-8', 'x-tc-action': action };
	const { host } = new URL(address);
	const authorization = signTc3({ ...key, host, service: 'sms', timestamp, payload, headers: signed });
	return {
		method: 'POST',
		body: payload,
		headers: {
			...signed,
			'x-tc-version': version,
			'x-tc-region': region,
			'x-tc-timestamp': String(timestamp),
			authorization,
		},
	};
}
