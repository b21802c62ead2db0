/**
 * The interface for the command line: HTTP over a Unix socket in the data folder, which only its owner may open
 * (0600). A caller who can read the folder has the master key already, so no other proof is required.
 */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { relative } from 'node:path';
import { z } from 'zod';
import { appIdSchema } from '../../contract/app-settings';
import { Refusal, type ErrorCode, type RefusalParams } from '../../contract/errors';
import { errorText } from '../../i18n/error-text';
import { StartRefused } from '../config/environment';

const requestSchema = z.strictObject({
	procedure: z.string().min(1).max(200),
	input: z.unknown().optional(),
	/** The app that the call is for, if any. */
	app: appIdSchema.optional(),
});

/** Any tRPC procedure, as the owner. @throws Refusal */
type Call = (request: z.output<typeof requestSchema>) => Promise<unknown>;

export interface SocketServer {
	close(): Promise<void>;
}

interface SocketOptions {
	/** Usually `DATA_DIR/menshen.sock`. */
	path: string;
	call: Call;
}

/** The protocol: one call per request, one answer, both JSON. */
export type SocketAnswer =
	| { ok: true; result: unknown }
	| {
			ok: false;
			code: ErrorCode;
			params: RefusalParams;
			fields: Readonly<Record<string, ErrorCode>>;
			message: string;
	  };

/** An apply file may be long. */
const mostBytes = 8 * 1024 * 1024;
/** The longest path that every system accepts (sun_path). */
const longestPath = 103;

async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > mostBytes) throw new Refusal('input/too-large');
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString();
}

function parseRequest(text: string): z.output<typeof requestSchema> {
	try {
		return requestSchema.parse(JSON.parse(text));
	} catch (error) {
		throw new Refusal('input/invalid', { cause: error });
	}
}

function answerOf(thrown: unknown): SocketAnswer {
	const refusal =
		thrown instanceof Refusal
			? thrown
			: new Refusal('server/unexpected', { params: { requestId: 'socket' }, cause: thrown });
	const { code, params, fields } = refusal;
	return { ok: false, code, params, fields, message: errorText(code, params, 'en') };
}

async function handle(request: IncomingMessage, call: Call): Promise<SocketAnswer> {
	try {
		if (request.method !== 'POST') throw new Refusal('input/invalid');
		return { ok: true, result: (await call(parseRequest(await readBody(request)))) ?? null };
	} catch (error) {
		return answerOf(error);
	}
}

function send(response: ServerResponse, answer: SocketAnswer): void {
	response.setHeader('content-type', 'application/json');
	response.end(JSON.stringify(answer));
}

const isThere = (path: string) => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Whether a process listens on the socket. A socket file outlives a process that was killed. */
function isListening(path: string): Promise<boolean> {
	return new Promise((resolve) => {
		const probe = connect(path);
		const end = (listening: boolean) => {
			probe.destroy();
			resolve(listening);
		};
		probe.once('connect', () => end(true));
		probe.once('error', () => end(false));
	});
}

/** Removes a dead socket. Any other file of that name stays. */
async function clear(path: string): Promise<void> {
	if (!isThere(path)) return;
	if (!lstatSync(path).isSocket())
		throw new StartRefused(`${path} is in the way: it is not a socket of Menshen.`);
	if (await isListening(path)) throw new StartRefused(`${path} is in use by another Menshen process.`);
	rmSync(path, { force: true });
}

/**
 * A socket's path must be short: the path relative to the working folder may be, even if the absolute one is not.
 */
function shortened(path: string): string {
	const near = relative(process.cwd(), path);
	return Buffer.byteLength(path) > longestPath && near.length < path.length ? near : path;
}

function listen(server: Server, path: string): Promise<void> {
	const listening = new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.once('listening', resolve);
	});
	// Created without access for others from the start. The name is bound before listen() returns.
	const before = process.umask(0o177);
	try {
		server.listen(path);
	} finally {
		process.umask(before);
	}
	return listening;
}

/** @throws StartRefused when another file is at that path, or the path is too long for a socket */
export async function listenOnSocket({ path: whole, call }: SocketOptions): Promise<SocketServer> {
	const path = shortened(whole);
	if (Buffer.byteLength(path) > longestPath)
		throw new StartRefused(
			`${whole} is too long for a socket (${longestPath} bytes): choose a shorter DATA_DIR.`,
		);
	await clear(path);
	const underWay = new Set<Promise<void>>();
	const server = createServer((request, response) => {
		const work = handle(request, call).then((answer) => send(response, answer));
		underWay.add(work);
		void work.finally(() => underWay.delete(work));
	});
	await listen(server, path);
	chmodSync(path, 0o600);
	server.unref();
	return {
		async close() {
			const closed = new Promise((resolve) => server.close(resolve));
			await Promise.allSettled(underWay);
			// A leftover file does no harm: it must not keep the appliance from stopping.
			server.closeAllConnections();
			await closed;
			rmSync(path, { force: true });
		},
	};
}
