/** D11: connections that are held open keep nobody from signing in. Scaled to 15 seconds of the promised 60. */
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { app, password, startTarget, type Target } from './target';
import { post } from './wire';

const connections = 500;
const seconds = 15;

let target: Target;
beforeAll(async () => void (target = await startTarget()));
afterAll(() => target.stop());

const beginnings = [
	'GET / HTTP/1.1\r\nHost: x\r\n',
	`POST /apps/${app}/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\nidentifier=a`,
	'POST /trpc/auth.signIn HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n',
	`POST /apps/${app}/oidc/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ng`,
	'',
	'GET /',
];

/** Connections and files that the process holds; where the system does not tell, nothing is known. */
const held = () =>
	process.platform === 'linux' ? readdirSync(`/proc/${target.appliance.pid}/fd`).length : undefined;

it(`D11: a sign-in takes under two seconds while ${connections} connections drip for ${seconds} s`, async () => {
	const { hostname, port } = new URL(target.at);
	const isOpen = () => (held() ?? connections) >= connections;
	const sockets: Socket[] = [];
	let refused = 0;
	for (let index = 0; index < connections; index++) {
		const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () =>
			socket.write(beginnings[index % beginnings.length] ?? ''),
		);
		socket.on('error', () => refused++);
		socket.resume();
		sockets.push(socket);
	}
	const drip = setInterval(() => {
		for (const socket of sockets)
			if (socket.writable) socket.write(socket.bytesWritten % 2 ? 'x' : 'X-a: b\r\n');
	}, 500);
	const times: number[] = [];
	while (!isOpen()) await new Promise((again) => setTimeout(again, 20));
	const before = held();
	try {
		const end = performance.now() + seconds * 1000;
		while (performance.now() < end) {
			const got = await post(
				target.at,
				`/apps/${app}/sign-in`,
				{ identifier: 'alice', password },
				{ host: new URL(target.origin).host, origin: target.origin },
			);
			expect(got.status).toBe(303);
			times.push(got.ms);
			await new Promise((again) => setTimeout(again, 200));
		}
		// Those that never come to the end of their headers have been let go of, though they close nothing themselves.
		expect((before ?? 0) - (held() ?? -connections)).toBeGreaterThan(connections / 4);
	} finally {
		clearInterval(drip);
		for (const socket of sockets) socket.destroy();
	}
	expect(times.length).toBeGreaterThan(20);
	expect(Math.max(...times)).toBeLessThan(2000);
	expect(refused).toBeLessThanOrEqual(connections);
}, 40_000);
