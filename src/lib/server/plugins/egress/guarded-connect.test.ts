import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { parseAllowList } from './allow-list';
import { EgressFailure } from './failure';
import { createGuard, type Lookup } from './guard';
import { guardedConnect } from './guarded-connect';

const clients: Socket[] = [];
const server = createServer((socket) => {
	clients.push(socket);
	socket.on('error', () => undefined);
	socket.write('hello');
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
const { port } = server.address() as AddressInfo;
const probe = createServer();
await new Promise<void>((listening) => probe.listen(0, '127.0.0.1', listening));
const closedPort = (probe.address() as AddressInfo).port;
await new Promise((closed) => probe.close(closed));
afterAll(async () => {
	for (const each of clients) each.destroy();
	await new Promise((closed) => server.close(closed));
});

const signal = new AbortController().signal;
const guardWith = (allow: string[], lookup?: Lookup) =>
	createGuard({ allow: parseAllowList(allow), ...(lookup ? { lookup } : {}) });
const failureOf = async (work: Promise<unknown>) => {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(EgressFailure);
	return error as EgressFailure;
};

describe('a TCP connection', () => {
	it('is made where it is allowed', async () => {
		const socket = await guardedConnect(guardWith(['127.0.0.1']), { host: '127.0.0.1', port, signal });
		const heard = await new Promise<string>((resolve) =>
			socket.once('data', (data: Buffer) => resolve(data.toString())),
		);
		expect(heard).toBe('hello');
		socket.destroy();
	});

	it.each(['127.0.0.1', '127.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost'])(
		'is refused by default to %s',
		async (host) => {
			const before = clients.length;
			expect((await failureOf(guardedConnect(guardWith([]), { host, port, signal }))).kind).toBe('refused');
			expect(clients.length).toBe(before);
		},
	);

	it('tries the next address where one does not answer', async () => {
		const lookup: Lookup = async () => [
			{ address: '127.0.0.9', family: 4 },
			{ address: '127.0.0.1', family: 4 },
		];
		const socket = await guardedConnect(guardWith(['127.0.0.0/8'], lookup), {
			host: 'localhost-two.example',
			port,
			signal,
		});
		expect(socket.remoteAddress).toBe('127.0.0.1');
		socket.destroy();
	});

	it('fails with a network failure that names host and port when no server listens', async () => {
		const failure = await failureOf(
			guardedConnect(guardWith(['127.0.0.1']), { host: '127.0.0.1', port: closedPort, signal }),
		);
		expect(failure.kind).toBe('network');
		expect(failure.message).toContain(String(closedPort));
	});

	it('ends with the signal, before and after it is made', async () => {
		expect(
			(
				await failureOf(
					guardedConnect(guardWith(['127.0.0.1']), { host: '127.0.0.1', port, signal: AbortSignal.abort() }),
				)
			).kind,
		).toBe('timeout');
		const controller = new AbortController();
		const socket = await guardedConnect(guardWith(['127.0.0.1']), {
			host: '127.0.0.1',
			port,
			signal: controller.signal,
		});
		const closed = new Promise((resolve) => socket.once('close', resolve));
		controller.abort();
		await closed;
		expect(socket.destroyed).toBe(true);
	});
});
