/**
 * The gateway of Aliyun for emulators: it checks the signature of what arrived with code of its own, not the
 * signer's. Never part of the product.
 */
import { createHash, createHmac } from 'node:crypto';
import type { EmulatedAnswer, EmulatedCall } from './emulator';
import { Freshness, type Time } from './inbox';

const quarterHour = 900_000;
const form = /^ACS3-HMAC-SHA256 Credential=([^,\s]+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$/;
const required = [
	'host',
	'x-acs-action',
	'x-acs-content-sha256',
	'x-acs-date',
	'x-acs-signature-nonce',
	'x-acs-version',
];

/** An error in the gateway's shape. */
export function acs3Error(status: number, code: string, message: string): Response {
	const HostId = 'emulator.aliyuncs.example';
	const RequestId = '7C9A5A10-0000-4000-8000-000000000000';
	return Response.json({ RequestId, HostId, Code: code, Message: message }, { status });
}

const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

function percent(text: string): string {
	return [...Buffer.from(text, 'utf8')]
		.map((byte) =>
			/[A-Za-z0-9._~-]/.test(String.fromCharCode(byte))
				? String.fromCharCode(byte)
				: `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
		)
		.join('');
}

/** All that must be signed is there and named in order, and the hash is the body's. */
function signsEnough({ headers, text }: EmulatedCall, signed: readonly string[]): boolean {
	const names = headers.has('content-type') ? ['content-type', ...required] : required;
	const whole = names.every((name) => headers.has(name) && signed.includes(name));
	const sorted = signed.join() === [...signed].sort().join();
	return whole && sorted && headers.get('x-acs-content-sha256') === hash(text);
}

function canonicalOf({ method, url, headers, text }: EmulatedCall, signed: readonly string[]): string {
	const query = [...url.searchParams]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, value]) => `${percent(name)}=${percent(value)}`)
		.join('&');
	const lines = signed.map((name) => `${name}:${(headers.get(name) ?? '').trim()}\n`).join('');
	return `${method}\n${url.pathname}\n${query}\n${lines}\n${signed.join(';')}\n${hash(text)}`;
}

export interface Acs3Account {
	accessKeyId: string;
	accessKeySecret: string;
	version: string;
}

/** Handlers by action; they get the parameters of query and form together. */
export type Acs3Actions = Readonly<Record<string, (params: URLSearchParams) => Response>>;

/** One API behind the gateway. */
export class Acs3Gateway {
	readonly #account: Acs3Account;
	readonly #actions: Acs3Actions;
	readonly #freshness: Freshness;

	constructor(account: Acs3Account, actions: Acs3Actions, now: Time) {
		this.#account = account;
		this.#actions = actions;
		this.#freshness = new Freshness(now, quarterHour);
	}

	readonly answer: EmulatedAnswer = (call) => {
		const action = call.headers.get('x-acs-action') ?? '';
		const refusal = this.#incomplete(call) ?? this.#forged(call) ?? this.#stale(call);
		if (refusal) return refusal;
		if (call.headers.get('x-acs-version') !== this.#account.version)
			return acs3Error(400, 'InvalidVersion', 'Specified parameter Version is not valid.');
		const act = Object.hasOwn(this.#actions, action) ? this.#actions[action] : undefined;
		if (!act) return acs3Error(404, 'InvalidAction.NotFound', 'Specified api is not found.');
		return act(new URLSearchParams([...call.url.searchParams, ...call.form]));
	};

	forget(): void {
		this.#freshness.forget();
	}

	#incomplete(call: EmulatedCall): Response | undefined {
		const [whole, keyId, names = ''] = form.exec(call.headers.get('authorization') ?? '') ?? [];
		if (!whole || !signsEnough(call, names.split(';')))
			return acs3Error(
				400,
				'IncompleteSignature',
				'The request signature does not conform to Aliyun standards.',
			);
		if (keyId !== this.#account.accessKeyId)
			return acs3Error(404, 'InvalidAccessKeyId.NotFound', 'Specified access key is not found.');
		return undefined;
	}

	#forged(call: EmulatedCall): Response | undefined {
		const [, , names = '', signature] = form.exec(call.headers.get('authorization') ?? '') ?? [];
		const text = `ACS3-HMAC-SHA256\n${hash(canonicalOf(call, names.split(';')))}`;
		const expected = createHmac('sha256', this.#account.accessKeySecret).update(text).digest('hex');
		if (signature === expected) return undefined;
		return acs3Error(
			400,
			'SignatureDoesNotMatch',
			`Specified signature is not matched. server string to sign is:${text}`,
		);
	}

	#stale({ headers }: EmulatedCall): Response | undefined {
		const date = headers.get('x-acs-date') ?? '';
		if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date) || !this.#freshness.isFresh(Date.parse(date)))
			return acs3Error(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
		if (!this.#freshness.use(headers.get('x-acs-signature-nonce') ?? ''))
			return acs3Error(400, 'SignatureNonceUsed', 'Specified signature nonce was used already.');
		return undefined;
	}
}
