import type { IncomingMessage } from 'node:http';
import { Refusal } from '../../contract/errors';

/** A logo in base64 and an apply file fit; a longer body is refused before it is read. */
export const mostBytes = 1024 * 1024;

/** @throws Refusal input/too-large, input/invalid (the client broke off) */
export async function readBody(req: IncomingMessage): Promise<string> {
	const announced = Number(req.headers['content-length'] ?? 0);
	if (announced > mostBytes) throw new Refusal('input/too-large');
	const chunks: Buffer[] = [];
	let length = 0;
	try {
		// The request is not destroyed when reading stops early: the refusal goes out on the same connection.
		for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
			length += chunk.length;
			if (length > mostBytes) throw new Refusal('input/too-large');
			chunks.push(chunk);
		}
	} catch (error) {
		throw error instanceof Refusal ? error : new Refusal('input/invalid', { cause: error });
	}
	return Buffer.concat(chunks, length).toString('utf8');
}
