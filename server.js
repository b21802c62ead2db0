/**
 * The production entry: checks the runtime, serves what the OpenID Connect engine owns before SvelteKit
 * sees it, and stops gracefully. Everything else is in src/ (docs/architecture.md).
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
// The whole module: an older Node has no such name in it, and would end here without a word of what to do.
import modules from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** With what is tested: the oldest minor version that will do, per major. */
const supported = new Map([
	[22, 17],
	[24, 0],
]);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (minor < (supported.get(major) ?? Infinity)) {
	// Before anything native is loaded: better-sqlite3 ends an older Node without a word.
	refuse(
		`Menshen runs on Node 22 (22.17 or later) or Node 24 and this is ${process.versions.node}. Run it with \`npm start\`, which on Linux brings its own.`,
	);
}

// SvelteKit must know the public address before it is loaded; what is wrong with it is told by src/lib/server/config.
const port = /^\d+$/.test(process.env.PORT ?? '') ? process.env.PORT : '3000';
process.env.ORIGIN ||= `http://localhost:${port}`;
if (!/^https?:\/\/[^/\s]+\/?$/.test(process.env.ORIGIN))
	refuse('ORIGIN: must be a scheme and host only, e.g. https://id.example.com (docs/config.md).');
process.env.BODY_SIZE_LIMIT ||= '1M';
// Hashing passwords and resolving names share these threads: a machine with many cores needs more than four.
process.env.UV_THREADPOOL_SIZE ||= String(availableParallelism() + 4);
process.umask(0o077);

/** @param {string} line @returns {never} */
function refuse(line) {
	process.stderr.write(`${line}\n`);
	process.exit(1);
}

/** What was compiled is kept beside the build for the next start, where that can be written. */
function keepCompiled() {
	const folder = join(import.meta.dirname, 'build', 'compiled');
	try {
		mkdirSync(folder, { recursive: true });
		modules.enableCompileCache(folder);
	} catch {
		// A read-only installation compiles at each start.
	}
}

keepCompiled();
const { handler } = await import('./build/handler.js').catch((error) => {
	if (error?.name === 'StartRefused') refuse(error.message);
	throw error;
});
/** @type {import('./src/lib/server/compose').Appliance} */
const menshen = globalThis[Symbol.for('menshen')];

/** Files, and what is refused before a hook runs, have no headers of ours but these. */
const everywhere = new Map([['x-content-type-options', 'nosniff']]);
if (menshen.config.ORIGIN.startsWith('https:'))
	everywhere.set('strict-transport-security', 'max-age=31536000; includeSubDomains');

/** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res */
function serve(req, res) {
	res.setHeaders(everywhere);
	return handler(req, res, () => res.writeHead(404).end());
}

let stopping = false;
const server = createServer({
	maxHeaderSize: 16_384,
	headersTimeout: 10_000,
	requestTimeout: 30_000,
	connectionsCheckingInterval: 1000,
});
/** A body that nobody read, up to so many bytes, is let run out; a longer one ends its connection. */
const mostDrained = 4 * 1024 * 1024;

/**
 * What is left of a body would be waited for by whoever asks next over the same connection: behind a proxy,
 * somebody else. @param {import('node:http').IncomingMessage} req
 */
function clearAway(req) {
	if (req.complete) return;
	if (Number(req.headers['content-length'] ?? Infinity) > mostDrained) return req.socket.destroySoon();
	req.removeAllListeners('data');
	req.resume();
}

server.on('request', (req, res) => {
	if ('content-length' in req.headers || 'transfer-encoding' in req.headers)
		res.once('finish', () => clearAway(req));
	// Kept-alive connections would hold a stop up until they are cut off.
	if (stopping) res.setHeader('connection', 'close');
	menshen
		.dispatch(req, res)
		.then((taken) => taken || serve(req, res))
		.catch(() => (res.headersSent ? res.destroy() : res.writeHead(500).end()));
});
server.on('clientError', (_error, socket) => {
	// Let go of for good: whoever never closes their own end must not keep ours open.
	if (socket.writable)
		socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n', () => socket.destroy());
	else socket.destroy();
});
server.on('error', (error) =>
	refuse(`Menshen cannot listen on ${menshen.config.HOST}:${menshen.config.PORT}: ${error.message}`),
);

async function stop() {
	if (stopping) return;
	stopping = true;
	const closed = new Promise((done) => server.close(done));
	server.closeIdleConnections();
	// What is still open then is cut off, so that the files are closed in time.
	setTimeout(() => server.closeAllConnections(), 5000).unref();
	await closed;
	await menshen.close();
	process.exit(0);
}
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => void stop());

server.listen(menshen.config.PORT, menshen.config.HOST, () => {
	menshen
		.started(`${menshen.config.HOST}:${menshen.config.PORT}`)
		.catch((error) => refuse(String(error?.message ?? error)));
});
