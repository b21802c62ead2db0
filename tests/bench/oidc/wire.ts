/** HTTP/1.1 over one kept connection, as little of it as measuring needs: the driver must not be what is measured. */
import { connect, type Socket } from 'node:net';

export interface Reply {
	status: number;
	head: string;
	body: string;
}

function bodyOf(text: string, from: number, head: string): { body: string; end: number } | undefined {
	const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
	if (length !== undefined) {
		const end = from + Number(length);
		return text.length >= end ? { body: text.slice(from, end), end } : undefined;
	}
	if (!/\r\ntransfer-encoding: chunked/i.test(head)) return { body: '', end: from };
	const end = text.indexOf('0\r\n\r\n', from);
	return end < 0 ? undefined : { body: text.slice(from, end), end: end + 5 };
}

export class Wire {
	readonly #socket: Socket;
	#text = '';
	#waiting: ((reply: Reply) => void) | undefined;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.setEncoding('latin1');
		socket.on('data', (chunk: string) => this.#read(chunk));
	}

	static open(port: number): Promise<Wire> {
		return new Promise((resolve, reject) => {
			const socket = connect(port, '127.0.0.1', () => resolve(new Wire(socket)));
			socket.on('error', reject);
		});
	}

	send(request: string): Promise<Reply> {
		return new Promise((resolve) => {
			this.#waiting = resolve;
			this.#socket.write(request, 'latin1');
		});
	}

	close(): void {
		this.#socket.destroy();
	}

	#read(chunk: string): void {
		this.#text += chunk;
		const headEnd = this.#text.indexOf('\r\n\r\n');
		if (headEnd < 0) return;
		const head = this.#text.slice(0, headEnd);
		const found = bodyOf(this.#text, headEnd + 4, head);
		if (!found) return;
		this.#text = this.#text.slice(found.end);
		this.#waiting?.({ status: Number(head.slice(9, 12)), head, body: found.body });
	}
}

export function get(path: string, headers = ''): string {
	return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;
}

export function post(path: string, form: Record<string, string>, headers = ''): string {
	const body = new URLSearchParams(form).toString();
	return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
}
