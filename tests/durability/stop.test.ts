/** F21: a process that is told to go finishes what it was asked, and nobody is cut off. Against the built server. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startAppliance, type RunningAppliance } from '../appliance';
import { usersAfter } from './users-after';

const apply = 'apps:\n  - id: 4\n    name: Demo\n';
const password = 'correct-horse-battery';
const workers = 8;
const held = 4;
let running: RunningAppliance | undefined;

afterEach(async () => {
	await running?.stop();
	running = undefined;
});

const bodyOf = (username: string) => JSON.stringify({ username, password });

/** A registration whose body is yet to come. */
function begin(origin: string, agent: Agent, headers: Record<string, string>): ClientRequest {
	const { port } = new URL(origin);
	return request({
		host: '127.0.0.1',
		port,
		path: '/trpc/auth.register',
		method: 'POST',
		agent,
		headers: {
			host: new URL(origin).host,
			'content-type': 'application/json',
			'menshen-app': '4',
			...headers,
		},
	});
}

async function answerOf(asked: ClientRequest): Promise<IncomingMessage> {
	const [answer] = (await once(asked, 'response')) as [IncomingMessage];
	answer.resume();
	await once(answer, 'end');
	return answer;
}

/** Begun and seen by the server, which waits for the body. */
async function holdOne(origin: string, agent: Agent, username: string) {
	const length = String(Buffer.byteLength(bodyOf(username)));
	const asked = begin(origin, agent, { expect: '100-continue', 'content-length': length });
	asked.flushHeaders();
	await once(asked, 'continue');
	return { username, finish: () => (asked.end(bodyOf(username)), answerOf(asked)) };
}

interface Seen {
	done: string[];
	/** Over a connection that was kept alive, and closed before the server had read the request. */
	unread: string[];
	wrong: string[];
}

/** Registers one after the other over one connection, until nobody listens any more. */
async function registerUntilGone(origin: string, worker: number, seen: Seen): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	for (let count = 0; ; count++) {
		const username = `stop${worker}x${count}`;
		const asked = begin(origin, agent, { 'content-length': String(Buffer.byteLength(bodyOf(username))) });
		asked.end(bodyOf(username));
		const status = await answerOf(asked).then(
			(answer) => answer.statusCode,
			(error: { code?: string }) => error.code,
		);
		if (status === 200) seen.done.push(username);
		else if (status === 'ECONNREFUSED') break;
		else if (status === 'ECONNRESET' && asked.reusedSocket) seen.unread.push(username);
		else seen.wrong.push(`${username}: ${status}`);
		if (status !== 200) break;
	}
	agent.destroy();
}

it('a stopped process finishes what is under way and exits with 0 within ten seconds', async () => {
	running = await startAppliance({ apply });
	const { origin } = running;
	const seen: Seen = { done: [], unread: [], wrong: [] };
	const burst = Promise.all(
		Array.from({ length: workers }, (_, worker) => registerUntilGone(origin, worker, seen)),
	);
	while (seen.done.length < 20) await new Promise((again) => setTimeout(again, 5));
	const agent = new Agent();
	const slow = await Promise.all(
		Array.from({ length: held }, (_, index) => holdOne(origin, agent, `slow${index}`)),
	);
	const before = performance.now();
	const ended = running.end('SIGTERM');
	await burst;
	// Nobody else is served any more; those that were being asked still are.
	await new Promise((done) => setTimeout(done, 500));
	const answers = await Promise.all(slow.map(({ finish }) => finish()));
	expect(answers.map(({ statusCode }) => statusCode)).toEqual(slow.map(() => 200));
	expect(await ended).toBe(0);
	expect(performance.now() - before).toBeLessThan(10_000);
	expect(seen.wrong).toEqual([]);
	expect(existsSync(join(running.dataDir, 'apps/4/app.db-wal'))).toBe(false);

	running = await running.restart();
	const { users } = await usersAfter(running, 10_000);
	const answered = [...seen.done, ...slow.map(({ username }) => username)];
	expect(answered.filter((name) => !users.has(name))).toEqual([]);
	expect(seen.unread.filter((name) => users.has(name))).toEqual([]);
});
