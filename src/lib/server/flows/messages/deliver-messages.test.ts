import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { hour, minute } from '../../runtime/clock';
import type { DeliveryOutcome } from '../../plugins/host';
import type { AppServices } from '../services';
import { chooseSender } from './choose-sender';
import { deliverMessages } from './deliver-messages';
import { queueMessage } from './queue-message';
import type { Letter } from './letter';
import { listMessages, readMessage } from './read-messages';

let under: ApplianceUnderTest;
let app: AppServices;
const letter: Letter = {
	channel: 'email',
	purpose: 'recover',
	to: 'alice@example.com',
	subject: 'Hello',
	text: 'Code 123456',
	params: { code: '123456' },
	locale: 'en',
};

beforeAll(async () => {
	under = await applianceUnderTest();
});
afterAll(() => under.close());

const queue = (to = app, life = hour) =>
	to.store.write((tx) => queueMessage(to, tx, { letter, sender: 'outbox', life }));
/** The network edge: a sender whose provider answers as the test wants. */
const answering = (outcomes: DeliveryOutcome[], sent: string[] = []): AppServices => ({
	...app,
	plugins: {
		...app.plugins,
		sender: () => ({
			deliver: async (message) => {
				sent.push(message.id);
				return outcomes.shift() ?? { status: 'delivered' };
			},
		}),
	},
});
const statusOf = async (id: string) => (await app.store.read.messages.find(id))?.status;

describe('a queued message', () => {
	it('is stored unreadable, and kept by the outbox for an owner to read', async () => {
		app = await under.app();
		const id = await queue();
		expect(JSON.stringify(await app.store.read.messages.find(id))).not.toMatch(/alice|123456|Hello/);
		expect(await deliverMessages(app)).toBe(false);
		const [listed] = await listMessages(app, { limit: 10 });
		expect(listed).toMatchObject({ id, status: 'held', readable: true });
		expect(JSON.stringify(listed)).not.toContain('alice');
		expect(await readMessage(app, { id, actor: system }, visitor())).toMatchObject({
			to: 'alice@example.com',
			content: { subject: 'Hello' },
		});
		expect(
			await refusalOf(
				readMessage(app, { id, actor: { kind: 'operator', id: 'x', role: 'operator' } }, visitor()),
			),
		).toBe('auth/forbidden');
	});

	it('is erased when it expires', async () => {
		app = await under.app();
		const id = await queue();
		await deliverMessages(app);
		under.clock.move(2 * hour);
		await deliverMessages(app);
		expect(await app.store.read.messages.find(id)).toMatchObject({
			status: 'expired',
			content: '',
			recipient: '',
		});
		expect(await refusalOf(readMessage(app, { id, actor: system }, visitor()))).toBe('message/not-found');
	});

	it('is tried again after what certainly failed, and erased once delivered', async () => {
		app = await under.app();
		const id = await queue();
		const sent: string[] = [];
		const services = answering([{ status: 'failed', retry: true, certain: true, detail: 'down' }], sent);
		expect(await deliverMessages(services)).toBe(true);
		expect(await statusOf(id)).toBe('queued');
		expect(await deliverMessages(services)).toBe(true);
		expect(sent).toHaveLength(1);
		under.clock.move(60_000);
		expect(await deliverMessages(services)).toBe(false);
		expect(sent).toHaveLength(2);
		expect(await app.store.read.messages.find(id)).toMatchObject({ status: 'delivered', content: '' });
	});

	it.each([
		[1, 5],
		[600, 600],
		[7 * 86_400, 3600],
		[undefined, 5],
	])(
		'whose provider asks for %s s waits that long, at least as ever and at most an hour',
		async (retryAfter, wait) => {
			app = await under.app();
			const id = await queue(app, 24 * hour);
			const now = under.clock.now();
			await deliverMessages(
				answering([{ status: 'failed', retry: true, certain: true, retryAfter, detail: 'HTTP 429' }]),
			);
			expect(await app.store.read.messages.find(id)).toMatchObject({
				status: 'queued',
				nextAt: now + wait * 1000,
			});
		},
	);

	it('is never sent again when it may have arrived', async () => {
		app = await under.app();
		const id = await queue();
		const sent: string[] = [];
		await deliverMessages(
			answering([{ status: 'failed', retry: true, certain: false, detail: 'cut off' }], sent),
		);
		under.clock.move(24 * hour);
		await deliverMessages(answering([], sent));
		expect(sent).toHaveLength(1);
		expect(await statusOf(id)).toBe('uncertain');
	});

	it('is given up when the provider refuses it, with the reason for the operator', async () => {
		app = await under.app();
		const id = await queue();
		await deliverMessages(
			answering([{ status: 'failed', retry: false, certain: true, detail: '550 no such user' }]),
		);
		expect(await app.store.read.messages.find(id)).toMatchObject({
			status: 'failed',
			error: '550 no such user',
			content: '',
		});
	});

	const outcome = (change: Partial<Extract<DeliveryOutcome, { status: 'failed' }>>): DeliveryOutcome => ({
		status: 'failed',
		retry: false,
		certain: true,
		reason: 'config',
		detail: 'no',
		...change,
	});
	it.each<[string, DeliveryOutcome, boolean]>([
		['given up because of the sender’s own settings', outcome({}), true],
		['lost because of them', outcome({ certain: false, retry: true }), true],
		['to be tried again', outcome({ retry: true }), false],
		['refused for its recipient', outcome({ reason: 'refused' }), false],
		['given up while the provider is down', outcome({ reason: 'unavailable' }), false],
		['delivered', { status: 'delivered' }, false],
	])('%s: operators are told, or not', async (_, what, told) => {
		app = await under.app();
		await queue();
		const alerts: unknown[] = [];
		await deliverMessages({ ...answering([what]), alert: (alert) => alerts.push(alert) });
		const alert = { kind: 'messages-undelivered', plugin: 'outbox', since: under.clock.now() };
		expect(alerts).toEqual(told ? [alert] : []);
	});

	it('is given up after some tries when its sender was switched off, and operators are told', async () => {
		app = await under.app();
		const id = await queue();
		await app.plugins.save('outbox', { enabled: false });
		const alerts: unknown[] = [];
		const heard: AppServices = { ...app, alert: (alert) => alerts.push(alert) };
		for (let tries = 0; tries < 6; tries++) {
			expect(alerts).toEqual([]);
			await deliverMessages(heard);
			const { nextAt } = (await app.store.read.messages.find(id)) ?? {};
			if (nextAt) under.clock.move(nextAt - under.clock.now());
		}
		expect(await statusOf(id)).toBe('failed');
		expect(alerts).toHaveLength(1);
	});

	it.each([
		['a code, ten minutes', 10 * minute, 4],
		['an hour', hour, 6],
		['a day', 24 * hour, 52],
	])('of %s is tried for as long as it lives, and then counts as a failure', async (_, life, most) => {
		app = await under.app();
		const id = await queue(app, life);
		const end = under.clock.now() + life;
		const [alerts, sent]: [unknown[], string[]] = [[], []];
		const busy = Array.from({ length: 99 }, () => outcome({ retry: true }));
		const services: AppServices = { ...answering(busy, sent), alert: (alert) => alerts.push(alert) };
		for (;;) {
			await deliverMessages(services);
			const message = await app.store.read.messages.find(id);
			if (message?.status !== 'queued') break;
			const next = message.nextAt ?? end;
			expect(next).toBeLessThan(end);
			under.clock.move(next - under.clock.now());
		}
		expect(await statusOf(id)).toBe('failed');
		expect(sent).toHaveLength(most);
		expect(alerts).toHaveLength(1);
	});

	it('that was being sent when the process died is not sent again', async () => {
		app = await under.app();
		const id = await queue();
		await app.store.write((tx) => tx.messages.take(id, under.clock.now() + 1000));
		under.clock.move(10_000);
		const sent: string[] = [];
		await deliverMessages(answering([], sent));
		expect(sent).toEqual([]);
		expect(await statusOf(id)).toBe('uncertain');
	});

	it('among many is sent a few at a time, so that the sender refuses none', async () => {
		app = await under.app();
		for (let count = 0; count < 30; count++) await queue();
		let [now, most, sent] = [0, 0, 0];
		const deliver = async (): Promise<DeliveryOutcome> => {
			most = Math.max(most, ++now);
			await new Promise((again) => setImmediate(again));
			[now, sent] = [now - 1, sent + 1];
			return { status: 'delivered' };
		};
		const plugins = { ...app.plugins, sender: () => ({ deliver }) };
		expect(await deliverMessages({ ...app, plugins })).toBe(false);
		expect([sent, most]).toEqual([30, 8]);
	});

	it('is delivered once by two workers at once', async () => {
		app = await under.app();
		await queue();
		const sent: string[] = [];
		const services = answering([], sent);
		await Promise.all([deliverMessages(services), deliverMessages(services)]);
		expect(sent).toHaveLength(1);
	});
});

describe('which sender carries a message', () => {
	it('is the outbox on plain http, and no sender under https', async () => {
		app = await under.app();
		expect(await chooseSender(app, 'email')).toBe('outbox');
		const strict = await applianceUnderTest({ ORIGIN: 'https://id.example.com' });
		const there = await strict.app();
		expect(await refusalOf(chooseSender(there, 'email'))).toBe('sender/not-configured');
		await strict.close();
		const allowed = await applianceUnderTest({ ORIGIN: 'https://id.example.com', ALLOW_OUTBOX: '1' });
		expect(await chooseSender(await allowed.app(), 'email')).toBe('outbox');
		await allowed.close();
	});
});
