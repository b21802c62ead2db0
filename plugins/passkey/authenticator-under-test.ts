/** A small authenticator in software: real keys, real signatures, the bytes that devices send. It can also lie. */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest();
const encoded = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');

type Cbor = number | string | Buffer | Cbor[] | Map<number | string, Cbor>;

function head(major: number, length: number): Buffer {
	const type = major << 5;
	if (length < 24) return Buffer.from([type | length]);
	if (length < 256) return Buffer.from([type | 24, length]);
	return Buffer.from([type | 25, length >> 8, length & 255]);
}

/** CBOR (RFC 8949) as far as attestations need it. */
function cbor(value: Cbor): Buffer {
	if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
	if (typeof value === 'string')
		return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
	if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
	if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
	return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

/** The lies of the page and the device. */
export interface Lies {
	origin?: string;
	rpId?: string;
	challenge?: string;
	type?: string;
	crossOrigin?: boolean;
	topOrigin?: string;
	counter?: number;
	userPresent?: boolean;
	userVerified?: boolean;
	backupEligible?: boolean;
	backedUp?: boolean;
	userHandle?: string;
	/** Of an attestation; `packed` is signed by the key itself. */
	format?: 'none' | 'packed' | 'packed-certified';
	/** The credential id outside of the signed data. */
	id?: string;
}

interface Asked {
	challenge: string;
	rpId: string;
	origin: string;
}

export class Authenticator {
	readonly id = encoded(randomBytes(32));
	readonly #private: KeyObject;
	readonly #public: KeyObject;
	#counter = 0;

	constructor(
		private readonly counts = true,
		private readonly traits: Pick<Lies, 'backupEligible' | 'backedUp'> = {},
	) {
		const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
		this.#private = pair.privateKey;
		this.#public = pair.publicKey;
	}

	create(asked: Asked, lies: Lies = {}) {
		const clientData = this.#clientData('webauthn.create', asked, lies);
		const id = Buffer.from(this.id, 'base64url');
		const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, this.#cose()]);
		const authData = Buffer.concat([this.#authData(asked, lies, 64), attested]);
		const attestation = new Map<string, Cbor>([
			['fmt', lies.format?.split('-')[0] ?? 'none'],
			['attStmt', this.#statement(lies, Buffer.concat([authData, sha256(clientData)]))],
			['authData', authData],
		]);
		const response = {
			clientDataJSON: encoded(clientData),
			attestationObject: encoded(cbor(attestation)),
			transports: ['internal', 'hybrid'],
		};
		return { ...this.#named(lies), response };
	}

	get(asked: Asked, lies: Lies = {}) {
		if (this.counts) this.#counter += 1;
		const clientData = this.#clientData('webauthn.get', asked, lies);
		const authData = this.#authData(asked, lies, 0);
		const signature = sign('sha256', Buffer.concat([authData, sha256(clientData)]), this.#private);
		return {
			...this.#named(lies),
			response: {
				clientDataJSON: encoded(clientData),
				authenticatorData: encoded(authData),
				signature: encoded(signature),
				userHandle: lies.userHandle ?? null,
			},
		};
	}

	#named({ id = this.id }: Lies) {
		return {
			id,
			rawId: id,
			type: 'public-key' as const,
			clientExtensionResults: {},
			authenticatorAttachment: 'platform',
		};
	}

	#clientData(type: string, asked: Asked, lies: Lies): Buffer {
		const { crossOrigin = false, topOrigin } = lies;
		const said = {
			type: lies.type ?? type,
			challenge: lies.challenge ?? asked.challenge,
			origin: lies.origin ?? asked.origin,
			crossOrigin,
			...(topOrigin ? { topOrigin } : {}),
		};
		return Buffer.from(JSON.stringify(said));
	}

	#authData(asked: Asked, lies: Lies, more: number): Buffer {
		const said = { userPresent: true, userVerified: true, ...this.traits, ...lies };
		const flags =
			(said.userPresent ? 1 : 0) |
			(said.userVerified ? 4 : 0) |
			(said.backupEligible ? 8 : 0) |
			(said.backedUp ? 16 : 0);
		const counter = Buffer.alloc(4);
		counter.writeUInt32BE(lies.counter ?? this.#counter);
		return Buffer.concat([sha256(lies.rpId ?? asked.rpId), Buffer.from([flags | more]), counter]);
	}

	#cose(): Buffer {
		const { x = '', y = '' } = this.#public.export({ format: 'jwk' });
		const point = [x, y].map((each) => Buffer.from(each, 'base64url'));
		return cbor(
			new Map<number, Cbor>([
				[1, 2],
				[3, -7],
				[-1, 1],
				[-2, point[0] ?? ''],
				[-3, point[1] ?? ''],
			]),
		);
	}

	#statement({ format = 'none' }: Lies, signed: Buffer): Map<string, Cbor> {
		if (format === 'none') return new Map();
		const statement = new Map<string, Cbor>([
			['alg', -7],
			['sig', sign('sha256', signed, this.#private)],
		]);
		return format === 'packed' ? statement : statement.set('x5c', [randomBytes(200)]);
	}
}
