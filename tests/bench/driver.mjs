/**
 * A load driver on loopback: raw keep-alive connections, one request at a time each, bounded in count and
 * time. It counts whole answers by their length, so that it never is the slower half.
 */
import net from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

/**
 * @typedef {object} Load
 * @property {number} port
 * @property {Buffer | ((connection: number, turn: number) => Buffer)} request whole HTTP/1.1 request
 * @property {number} [connections]
 * @property {number} [seconds] stops after so long
 * @property {number} [most] or after so many requests
 * @property {(status: number, body: Buffer, head: string) => boolean} [accept] what counts as right; default 2xx
 *
 * @typedef {object} Result
 * @property {number} perSecond
 * @property {number} done
 * @property {number} errors
 * @property {number} p50 ms
 * @property {number} p99 ms
 */

/** @param {string} text */
export const request = (text) => Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'));

/**
 * @param {string} path
 * @param {Record<string, string>} [headers]
 */
export function get(path, headers = {}) {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	return Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n`);
}

/**
 * @param {string} path
 * @param {string} body
 * @param {Record<string, string>} [headers]
 */
export function post(path, body, headers = {}) {
	const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers }).map(
		([name, value]) => `${name}: ${value}\r\n`,
	);
	return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: localhost\r\n${lines.join('')}\r\n${body}`);
}

/** Where one answer ends in what came so far, or -1. Knows content-length and chunked bodies. */
function answerEnd(buffer, head, headLength) {
	const length = /\r\ncontent-length: *(\d+)/i.exec(head);
	if (length) {
		const end = headLength + Number(length[1]);
		return buffer.length >= end ? end : -1;
	}
	if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
		const end = buffer.indexOf('0\r\n\r\n', headLength);
		return end < 0 ? -1 : end + 5;
	}
	return headLength;
}

/**
 * @param {Load} load
 * @returns {Promise<Result>}
 */
export async function drive(load) {
	const { port, connections = 16, seconds = 3, most = Infinity } = load;
	const accept = load.accept ?? ((status) => status >= 200 && status < 300);
	const times = [];
	let [done, errors, started] = [0, 0, 0];
	const begin = performance.now();
	const until = begin + seconds * 1000;
	const run = (connection) =>
		new Promise((finished) => {
			const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
			let [pending, sentAt, turn] = [Buffer.alloc(0), 0, 0];
			const send = () => {
				if (started >= most || performance.now() >= until) return socket.end();
				started++;
				sentAt = performance.now();
				socket.write(typeof load.request === 'function' ? load.request(connection, turn++) : load.request);
			};
			socket.on('connect', send);
			socket.on('data', (chunk) => {
				pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
				const at = pending.indexOf(headEnd);
				if (at < 0) return;
				const head = pending.toString('latin1', 0, at + 2);
				const end = answerEnd(pending, head, at + 4);
				if (end < 0) return;
				const body = pending.subarray(at + 4, end);
				times.push(performance.now() - sentAt);
				done++;
				if (!accept(Number(head.slice(9, 12)), body, head)) errors++;
				pending = pending.subarray(end);
				send();
			});
			socket.on('error', () => {
				errors++;
				finished();
			});
			socket.on('close', finished);
		});
	await Promise.all(Array.from({ length: connections }, (_, connection) => run(connection)));
	const elapsed = (performance.now() - begin) / 1000;
	times.sort((a, b) => a - b);
	const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
	return { perSecond: done / elapsed, done, errors, p50: at(0.5), p99: at(0.99) };
}
