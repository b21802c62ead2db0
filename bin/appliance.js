/** How a command reaches the appliance: over its socket where it runs, else by being it for a moment. */
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, relative, resolve } from 'node:path';

/** A "no" with its code, told in one line. */
export class CommandFailed extends Error {
	/** @param {string} message @param {{ code?: string, params?: object, fields?: Record<string, string> }} [about] */
	constructor(message, about = {}) {
		super(message);
		this.about = about;
	}
}

/** @typedef {{ procedure: string, input?: unknown, app?: number | undefined }} CallRequest */

function socketPath() {
	const whole = join(resolve(process.env.DATA_DIR || './data'), 'menshen.sock');
	const near = relative(process.cwd(), whole);
	// A socket's name must be short (sun_path).
	return Buffer.byteLength(whole) > 103 && near.length < whole.length ? near : whole;
}

/**
 * @param {string} path @param {CallRequest} call
 * @returns {Promise<any>} the answer, or undefined where nobody listens
 */
function ask(path, call) {
	return new Promise((done, fail) => {
		const sent = request({
			socketPath: path,
			path: '/',
			method: 'POST',
			headers: { 'content-type': 'application/json' },
		});
		sent.on('response', (response) => {
			/** @type {Buffer[]} */
			const chunks = [];
			response.on('data', (chunk) => chunks.push(chunk));
			response.on('error', fail);
			response.on('end', () => done(JSON.parse(Buffer.concat(chunks).toString())));
		});
		sent.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
			const nobody = error.code === 'ECONNREFUSED' || error.code === 'ENOENT';
			if (nobody) done(undefined);
			else if (error.code === 'EACCES')
				fail(
					new CommandFailed(`${path} belongs to another user: run this as the one the appliance runs as.`),
				);
			else fail(new CommandFailed(`The appliance does not answer on ${path}: ${error.message}`));
		});
		sent.end(JSON.stringify(call));
	});
}

/** @param {CallRequest} call */
async function askRunning(call) {
	const path = socketPath();
	const answer = existsSync(path) ? await ask(path, call) : undefined;
	if (!answer) return undefined;
	if (!answer.ok) throw new CommandFailed(answer.message, answer);
	return { result: answer.result };
}

/** Composes the appliance in this process, which takes the lock of the data folder. */
async function open() {
	if (!existsSync(new URL('../build/handler.js', import.meta.url)))
		throw new CommandFailed('Menshen is not built yet: run `npm start` once, or `npm run build`.');
	// What is printed is the command's answer, never a log.
	process.env.LOG_LEVEL = 'silent';
	process.env.ORIGIN ||= `http://localhost:${process.env.PORT || '3000'}`;
	process.umask(0o077);
	// Only there once it is built, so that it cannot be named in an import that is checked.
	const handler = '../build/handler.js';
	await import(handler);
	return Reflect.get(globalThis, Symbol.for('menshen'));
}

/** @param {any} error */
function failureOf(error) {
	if (typeof error?.code === 'string' && error?.name === 'Refusal')
		return new CommandFailed(textOf(error), error);
	return error?.name === 'StartRefused' ? new CommandFailed(error.message) : error;
}

/** The words of a refusal, from the same texts that the pages use. @param {any} refusal */
function textOf({ code, params }) {
	try {
		const file = new URL('../messages/errors/en.json', import.meta.url);
		const text = JSON.parse(readFileSync(file, 'utf8'))[`error_${code.replace(/[/-]/g, '_')}`] ?? code;
		return text.replace(/\{(\w+)\}/g, (/** @type {string} */ all, /** @type {string} */ name) =>
			String(params?.[name] ?? all),
		);
	} catch {
		return code;
	}
}

/** @param {CallRequest} call @throws {CommandFailed} */
export async function callAppliance(call) {
	const answered = await askRunning(call);
	if (answered) return answered.result;
	let menshen;
	try {
		menshen = await open();
		return await menshen.call(call);
	} catch (error) {
		throw failureOf(error);
	} finally {
		await menshen?.close();
	}
}
