/** A whole appliance in a temporary folder and in this process: real storage, real plugins, a clock that tests move. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../src/lib/contract/errors';
import { compose, type Appliance } from '../src/lib/server/compose';
import { createApp } from '../src/lib/server/flows/apps/manage-apps';
import { createUser, type NewUserInput } from '../src/lib/server/flows/users/manage-users';
import { openMessage } from '../src/lib/server/flows/messages/queue-message';
import { deliverMessages } from '../src/lib/server/flows/messages/deliver-messages';
import type { Actor, AppServices, Visitor } from '../src/lib/server/flows/services';
import type { SignedIn } from '../src/lib/server/flows/sign-in/begin-session';
import type { Clock } from '../src/lib/server/runtime/clock';
import type { Session } from '../src/lib/server/sessions/sessions';

/** Starts at the real time and moves only on request. */
export class TestClock implements Clock {
	#now = Date.now();
	now(): number {
		return this.#now;
	}
	move(milliseconds: number): void {
		this.#now += milliseconds;
	}
}

export const system: Actor = { kind: 'system', id: 'test' };
export const goodPassword = 'correct-horse-battery';

export function visitor(change: Partial<Visitor> = {}): Visitor {
	return { address: '203.0.113.7', device: 'Test browser', locale: 'en', requestId: 'test', ...change };
}

/** Waits until nothing is being delivered: the appliance delivers beside the requests. */
export async function settledMessages(app: AppServices): Promise<void> {
	for (;;) {
		await deliverMessages(app);
		const messages = await app.store.read.messages.list({ limit: 200 });
		if (!messages.some((message) => message.status === 'sending')) return;
		await new Promise((again) => setImmediate(again));
	}
}

export interface ApplianceUnderTest {
	appliance: Appliance;
	clock: TestClock;
	dataDir: string;
	/** Makes an app and hands out its services. */
	app(settings?: Record<string, unknown>): Promise<AppServices>;
	user(app: AppServices, input?: NewUserInput): ReturnType<typeof createUser>;
	/** The code in the newest message that the outbox holds for an address. */
	codeFor(app: AppServices, to: string): Promise<string>;
	/** Closes and opens once more over the same folder, as a restart does. */
	restart(): Promise<void>;
	close(): Promise<void>;
}

export async function applianceUnderTest(env: Record<string, string> = {}): Promise<ApplianceUnderTest> {
	const dataDir = env['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'menshen-test-'));
	const clock = new TestClock();
	const start = () =>
		compose({ env: { DATA_DIR: dataDir, LOG_LEVEL: 'silent', PORT: '3999', ...env }, clock });
	let appliance = await start();
	const under: ApplianceUnderTest = {
		get appliance() {
			return appliance;
		},
		clock,
		dataDir,
		async app(settings = {}) {
			const entry = await createApp(
				appliance.services,
				{ input: { settings: { name: 'Demo', ...settings } }, actor: system },
				visitor(),
			);
			return appliance.services.app(entry.id);
		},
		user: (app, input = { username: 'alice', password: goodPassword }) =>
			createUser(app, { input, actor: system }, visitor()),
		async codeFor(app, to) {
			await settledMessages(app);
			const held = (await app.store.read.messages.list({ limit: 50 })).filter(
				(message) => message.status === 'held',
			);
			for (const message of held) {
				const opened = openMessage(app, message);
				const code = opened?.content.params['code'];
				if (opened?.to === to && code) return code;
			}
			throw new Error(`no code was sent to ${to}`);
		},
		async restart() {
			await appliance.close();
			appliance = await start();
		},
		async close() {
			await appliance.close();
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
	return under;
}

/** A session of theirs, as a sign-in makes it. */
export async function sessionOf({ store, sessions }: AppServices, { id }: { id: string }): Promise<Session> {
	const facts = { amr: ['pwd'], device: 'Test browser', address: '203.0.113.7' };
	return (await store.write((tx) => sessions.start(tx, id, facts))).session;
}

/** The code of the refusal that `work` ends with, or `done`. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
	return work.then(
		() => 'done',
		(error: unknown) => (error instanceof Refusal ? error.code : Promise.reject(error)),
	);
}

/** Who was signed in; fails where something else is asked first. */
export function signedInBy<T extends { status: string; signedIn?: SignedIn }>(result: T): SignedIn {
	if (!result.signedIn) throw new Error(`not signed in: ${result.status}`);
	return result.signedIn;
}
