/**
 * The way back from a vendor that answers with a form posted from its own site (Apple). SvelteKit rightly refuses
 * such a post; so it is handled before, writes nothing but a sealed note, and is answered with a page that sends
 * the browser on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../../contract/errors';
import { keepPosted } from '../flows/external/posted';
import type { ApplianceServices } from '../flows/services';
import { newId } from '../runtime/random';
import { clientAddress, headersOf, type AddressRange } from './address';
import { securityHeaders } from './headers';

interface Needs {
	services: Pick<ApplianceServices, 'app' | 'origin' | 'log'>;
	trusted: readonly AddressRange[];
}

const callback = /^\/apps\/([1-9]\d{0,5})\/connect\/([a-z][a-z0-9-]{0,39})\/callback$/;
const mostBytes = 16 * 1024;
const mostFields = 20;

async function readBody(req: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of req as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > mostBytes) throw new Refusal('input/too-large');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString();
}

async function readFields(req: IncomingMessage): Promise<Record<string, string>> {
	if (Number(req.headers['content-length'] ?? 0) > mostBytes) throw new Refusal('input/too-large');
	if (!req.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
		throw new Refusal('input/invalid');
	const fields = [...new URLSearchParams(await readBody(req))];
	if (fields.length > mostFields) throw new Refusal('input/too-large');
	return Object.fromEntries(fields);
}

/** @returns serves the post where it is one, and says whether it was */
export function createPostedCallback({ services, trusted }: Needs) {
	const secure = services.origin.startsWith('https:');
	const keep = async (req: IncomingMessage, app: number, connector: string): Promise<string> => {
		const address = clientAddress(req.socket.remoteAddress ?? '', headersOf(req), trusted);
		const visitor = { address, requestId: newId() };
		const query = await readFields(req);
		return keepPosted(await services.app(app), { connector, query }, visitor);
	};
	return async (req: IncomingMessage, res: ServerResponse): Promise<boolean> => {
		const path = (req.url ?? '').split('?')[0] ?? '';
		const found = req.method === 'POST' ? callback.exec(path) : null;
		if (!found) return false;
		for (const [name, value] of securityHeaders(secure)) res.setHeader(name, value);
		res.setHeader('cache-control', 'no-store');
		try {
			const id = await keep(req, Number(found[1]), found[2] ?? '');
			res.writeHead(303, { location: `${path}?posted=${id}` }).end();
		} catch (error) {
			if (!(error instanceof Refusal)) services.log.error({ err: error }, 'unexpected');
			// That page explains that the return has expired.
			res.writeHead(303, { location: path }).end();
		}
		return true;
	};
}
