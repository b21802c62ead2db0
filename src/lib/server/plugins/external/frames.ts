/** Messages on a pipe between the host and a plugin's process: four bytes of length, then JSON. */

/** The largest frame that a plugin may send; a process that announces more is ended before it is read. */
export const largestFrame = 2 * 1024 * 1024;

/** The input is not a message, or is too long. */
export class BadFrame extends Error {}

const isBytes = (value: unknown): value is { $bytes: string } =>
	typeof value === 'object' && value !== null && '$bytes' in value && typeof value.$bytes === 'string';

function pack(this: Record<string, unknown>, key: string, value: unknown): unknown {
	const bare = this[key];
	return bare instanceof Uint8Array ? { $bytes: Buffer.from(bare).toString('base64') } : value;
}

/** Bytes travel in base64. Property names that would reach a prototype are dropped. */
function unpack(key: string, value: unknown): unknown {
	if (key === '__proto__') return undefined;
	return isBytes(value) ? new Uint8Array(Buffer.from(value.$bytes, 'base64')) : value;
}

export function encodeFrame(message: unknown): Buffer {
	const body = Buffer.from(JSON.stringify(message, pack));
	const head = Buffer.alloc(4);
	head.writeUInt32BE(body.length);
	return Buffer.concat([head, body]);
}

/** Assembles messages that arrive in pieces. */
export class FrameReader {
	#pieces: Buffer[] = [];
	#size = 0;

	/** @returns the messages that are complete now @throws {BadFrame} */
	push(piece: Buffer): unknown[] {
		this.#pieces.push(piece);
		this.#size += piece.length;
		const messages: unknown[] = [];
		for (let length = this.#nextLength(); length !== undefined; length = this.#nextLength())
			messages.push(this.#take(length));
		return messages;
	}

	#joined(): Buffer {
		const [first] = this.#pieces;
		const all = this.#pieces.length === 1 && first ? first : Buffer.concat(this.#pieces);
		this.#pieces = [all];
		return all;
	}

	/** The length of the first message, where all of it has arrived. */
	#nextLength(): number | undefined {
		if (this.#size < 4) return undefined;
		const first = this.#pieces[0];
		const length = (first && first.length >= 4 ? first : this.#joined()).readUInt32BE();
		if (length > largestFrame) throw new BadFrame(`sent a message of ${length} bytes`);
		return this.#size >= length + 4 ? length : undefined;
	}

	#take(length: number): unknown {
		const all = this.#joined();
		const rest = all.subarray(length + 4);
		this.#pieces = rest.length > 0 ? [rest] : [];
		this.#size = rest.length;
		try {
			return JSON.parse(all.toString('utf8', 4, length + 4), unpack);
		} catch {
			throw new BadFrame('sent what is no message');
		}
	}
}
