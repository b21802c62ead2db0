/**
 * Authorization and logout requests may come as a form (OIDC Core §3.1.2.1). A cross-site post carries no
 * cookies here, so the browser is sent on to the same request as a link, which does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine } from './engine';

const paths = new Set(['/oidc/auth', '/oidc/logout']);
const mostBytes = 8 * 1024;

/** @returns undefined where it is longer than an address may be */
async function readForm(req: IncomingMessage): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of req.iterator({ destroyOnReturn: false })) {
		size += (chunk as Buffer).length;
		if (size > mostBytes) return undefined;
		chunks.push(chunk as Buffer);
	}
	return Buffer.concat(chunks).toString('latin1');
}

export function isFormByPost(req: IncomingMessage): boolean {
	const type = req.headers['content-type'] ?? '';
	return (
		req.method === 'POST' &&
		paths.has((req.url ?? '').split('?', 1)[0] ?? '') &&
		type.toLowerCase().startsWith('application/x-www-form-urlencoded')
	);
}

/** Sends the browser on. */
export async function redirectPost(engine: Engine, req: IncomingMessage, res: ServerResponse): Promise<void> {
	const form = await readForm(req);
	const path = (req.url ?? '').split('?', 1)[0] ?? '';
	const headers = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'Content-Length': 0 };
	if (form === undefined) return void res.writeHead(413, { ...headers, Connection: 'close' }).end();
	const location = `${engine.provider.issuer}${path}?${new URLSearchParams(form).toString()}`;
	res.writeHead(303, { ...headers, Location: location }).end();
}
