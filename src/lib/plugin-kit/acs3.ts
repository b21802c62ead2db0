/**
 * Calls of Aliyun's RPC APIs, signed by ACS3-HMAC-SHA256 (help.aliyun.com, "V3 request structure and signature").
 * Shared by the plugins of that vendor.
 */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { HttpRequest, PluginContext } from './context';
import type { Fate } from './delivery';

type Values = Readonly<Record<string, string>>;

export interface Acs3Call {
	/** Name of an endpoint of the manifest. */
	endpoint: string;
	action: string;
	/** The API's, e.g. `2017-05-25`. */
	version: string;
	query?: Values;
	/** Sent as a form body. */
	form?: Values;
}

export interface Acs3Key {
	accessKeyId: string;
	accessKeySecret: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** RFC 3986: what `encodeURIComponent` leaves out is encoded too. */
const encode = (text: string): string =>
	encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const encodePairs = (values: Values): string =>
	Object.entries(values)
		.map(([name, value]) => `${encode(name)}=${encode(value)}`)
		.sort()
		.join('&');

interface Acs3Parts extends Acs3Key {
	host: string;
	/** Path of the address, `/` for RPC. */
	path: string;
	query: Values;
	body: string;
	/** All that are signed, in lower case, without `host`. */
	headers: Values;
}

/** The value of `Authorization` for a POST. */
export function signAcs3(parts: Acs3Parts): string {
	const headers: Values = { ...parts.headers, host: parts.host };
	const names = Object.keys(headers).sort();
	const canonical = [
		'POST',
		parts.path,
		encodePairs(parts.query),
		...names.map((name) => `${name}:${headers[name]?.trim()}`),
		'',
		names.join(';'),
		sha256(parts.body),
	].join('\n');
	const signature = createHmac('sha256', parts.accessKeySecret)
		.update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`)
		.digest('hex');
	return `ACS3-HMAC-SHA256 Credential=${parts.accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}`;
}

/** The signed request for a call. Each has its own nonce, so it is valid for one try. */
export function acs3Request(
	{ endpoint, action, version, query = {}, form }: Acs3Call,
	{ address, now }: Pick<PluginContext<unknown>, 'address' | 'now'>,
	key: Acs3Key,
): HttpRequest {
	const { host, pathname } = new URL(address(endpoint));
	const body = form ? encodePairs(form) : '';
	const headers = {
		...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
		'x-acs-action': action,
		'x-acs-content-sha256': sha256(body),
		'x-acs-date': `${new Date(now()).toISOString().slice(0, 19)}Z`,
		'x-acs-signature-nonce': randomUUID(),
		'x-acs-version': version,
	};
	const authorization = signAcs3({ ...key, host, path: pathname, query, body, headers });
	return { method: 'POST', query, headers: { ...headers, authorization }, ...(form ? { body } : {}) };
}

/** The meaning of the codes of the gateway before every API. */
export const acs3Fates: Readonly<Record<string, Fate>> = {
	SignatureDoesNotMatch: 'settings',
	IncompleteSignature: 'settings',
	'InvalidAccessKeyId.': 'settings',
	'InvalidTimeStamp.': 'settings',
	'Forbidden.': 'settings',
	Forbidden: 'settings',
	NoPermission: 'settings',
	'InvalidAction.': 'settings',
	InvalidVersion: 'settings',
	'Throttling.': 'busy',
	Throttling: 'busy',
	ServiceUnavailable: 'busy',
	// The nonce is new for each try, so the network delivered this request twice: the first one may have been
	// accepted.
	SignatureNonceUsed: 'unknown',
	InternalError: 'unknown',
};
