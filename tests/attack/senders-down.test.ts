/**
 * F15: mail servers and SMS services that are down, slow, refuse or hang up. Pages answer at once, the operator sees
 * it, what surely failed is sent later and once, what may have arrived is never sent again; a killed process loses
 * nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator as startTwilio } from '../../plugins/twilio/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { startSmtpSink, type SinkBehaviour, type SmtpSink } from '../emulators/smtp-sink';
import { endpointsEnv } from '../emulators/vendors';
import { oneApp, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post, send } from './wire';
import { bestOfThree } from '../measured';

interface Message {
	id: string;
	status: 'queued' | 'sending' | 'delivered' | 'failed' | 'uncertain';
	error: string | null;
	attempts: number;
	/** While it is sending: when that counts as interrupted. */
	nextAt: number | null;
}

let sink: SmtpSink;
let twilio: Emulator;
let target: Target;
beforeAll(async () => {
	[sink, twilio] = await Promise.all([startSmtpSink(), startTwilio()]);
	const smtp = { host: sink.host, port: sink.port, from: 'id@example.com' };
	const senders = {
		email: { plugin: 'smtp', config: smtp },
		sms: { plugin: 'twilio', config: twilio.config },
	};
	target = await startTarget({
		apply: `${oneApp}${connectorsLine({}, ['email', 'sms'])}    senders: ${JSON.stringify(senders)}\n`,
		env: { ...endpointsEnv({ twilio }), TRUSTED_PROXIES: '127.0.0.1' },
	});
});
afterAll(async () => {
	await target.stop();
	await Promise.all([sink.close(), twilio.close()]);
});

const headersOf = async () => ({ cookie: await target.owner() });
async function messages(): Promise<Message[]> {
	const got = await target.api('admin.messages.list', { input: { limit: 100 }, headers: await headersOf() });
	return got.data as Message[];
}
const isSettled = ({ status, error }: Message) => status !== 'sending' && !(status === 'queued' && !error);

/** Waits for what is said of the message that was queued last. */
async function settled(id: string, patience = 25_000): Promise<Message> {
	const deadline = performance.now() + patience;
	for (;;) {
		const found = (await messages()).find((message) => message.id === id);
		if (found && isSettled(found)) return found;
		if (performance.now() > deadline) throw new Error(`still ${JSON.stringify(found)}`);
		await new Promise((again) => setTimeout(again, 50));
	}
}

let next = 0;
const addressOf = (channel: 'email' | 'sms') =>
	channel === 'email' ? `person${++next}@example.com` : `+861390000${String(++next).padStart(4, '0')}`;

/** Asks for a code at the page. @returns the id of its message, and how long the page took */
async function ask(to: string): Promise<{ id: string; ms: number }> {
	const before = new Set((await messages()).map(({ id }) => id));
	const typed: Record<string, string> = to.includes('@')
		? { connector: 'email', email: to }
		: { connector: 'sms', phone: to };
	const own = { host: new URL(target.origin).host, origin: target.origin };
	const got = await post(target.at, '/apps/4/sign-in', typed, {
		...own,
		'x-forwarded-for': `198.51.100.${++next}`,
	});
	expect(got.status).toBe(303);
	const cookie = got.cookies.map((line) => line.split(';')[0]).join('; ');
	const page = await send(target.at, {
		path: '/apps/4/code',
		headers: { ...own, cookie, accept: 'text/html' },
	});
	// Told what to wait for and what to do if it does not come.
	expect(page.body).toContain('value="resend"');
	const added = (await messages()).find(({ id }) => !before.has(id));
	return { id: added?.id ?? '', ms: got.ms + page.ms };
}

const mailsTo = (to: string) => sink.mails.filter((mail) => mail.to.includes(to)).length;
const textsTo = (to: string) => twilio.calls.filter(({ form }) => form.get('To') === to).length;

/** What was asked for while something was wrong, with what was said of it then. */
/** How long a delivery holds its message (flows/messages/deliver-messages). */
const longestDelivery = 5 * 60_000;
const asked: { to: string; id: string; mode: string; was: Message['status'] }[] = [];

describe('while the mail server', bestOfThree, () => {
	it.each<[SinkBehaviour, Message['status']]>([
		['busy', 'queued'],
		['nonsense', 'queued'],
		['refuse-later', 'queued'],
		['refuse', 'failed'],
		['refuse-content', 'failed'],
		['drop-data', 'uncertain'],
	])('is such that it does "%s", the page answers at once and the operator is told', async (mode, status) => {
		sink.behave(mode);
		const to = addressOf('email');
		const { id, ms } = await ask(to);
		expect(ms).toBeLessThan(3000);
		const message = await settled(id);
		expect(message).toMatchObject({ status, attempts: 1 });
		expect(message.error?.length).toBeGreaterThan(5);
		expect(message.error, 'addresses are not for lists').not.toContain(to);
		asked.push({ to, id, mode, was: status });
	});

	it.each<SinkBehaviour>(['hang-greeting', 'hang-data'])(
		'says nothing ("%s"), no one waits for it: neither the person who asked nor later ones',
		async (mode) => {
			sink.behave(mode);
			const reached = sink.reached();
			expect((await ask(addressOf('email'))).ms).toBeLessThan(3000);
			await reached;
			// Its neighbours, while it hangs: the other channel is delivered long before this one is given up.
			expect((await ask(addressOf('email'))).ms).toBeLessThan(3000);
			const text = await ask(addressOf('sms'));
			expect(text.ms).toBeLessThan(3000);
			expect(await settled(text.id, 6000)).toMatchObject({ status: 'delivered' });
			const signedIn = performance.now();
			await target.signIn('alice');
			expect(performance.now() - signedIn).toBeLessThan(3000);
		},
	);
});

describe('while the SMS service', bestOfThree, () => {
	it.each(['20003', '20429', '20500', '21211', '21408', '63038', 'down', 'nonsense'])(
		'answers "%s", the page answers at once and the operator is told',
		async (mode) => {
			twilio.fail(twilio.failures.find((name) => name.startsWith(mode)));
			const to = addressOf('sms');
			const { id, ms } = await ask(to);
			expect(ms).toBeLessThan(3000);
			const message = await settled(id);
			expect(['queued', 'failed', 'uncertain']).toContain(message.status);
			expect(message.error?.length).toBeGreaterThan(5);
			asked.push({ to, id, mode, was: message.status });
		},
	);

	it('never answers, no page waits for it', async () => {
		twilio.fail('hang');
		const reached = twilio.reached();
		const to = addressOf('sms');
		const { id, ms } = await ask(to);
		expect(ms).toBeLessThan(3000);
		await reached;
		expect((await ask(addressOf('email'))).ms).toBeLessThan(3000);
		asked.push({ to, id, mode: 'hang', was: 'uncertain' });
	});
});

describe('killed with messages on their way', () => {
	const queuedAtLast: string[] = [];

	it('the process comes back with what was queued, and sends it once', async () => {
		sink.behave('busy');
		twilio.fail();
		for (let count = 0; count < 3; count++) {
			const to = addressOf('email');
			await settled((await ask(to)).id);
			queuedAtLast.push(to);
		}
		// The server has received this one completely, and it is unknown whether it accepted it.
		sink.behave('hang-data');
		const to = addressOf('email');
		const reached = sink.reached();
		const { id } = await ask(to);
		await reached;
		asked.push({ to, id, mode: 'killed', was: 'uncertain' });
		const killed = Date.now();
		await target.appliance.end('SIGKILL');
		sink.behave('accept');
		twilio.fail();
		const again = await target.appliance.restart();
		expect(again.pid).not.toBe(target.appliance.pid);
		target = { ...target, appliance: again, stop: () => again.stop() };
		// A second try may have been under way as well: its result is unknown too.
		const underWay = (await messages()).filter(
			({ status, nextAt }) => status === 'sending' && (nextAt ?? 0) - longestDelivery <= killed,
		);
		for (const each of asked) if (underWay.some(({ id }) => id === each.id)) each.was = 'uncertain';
		for (const to of queuedAtLast) await sink.waitFor((mail) => mail.to.includes(to), 20_000);
	}, 180_000);

	it('what surely failed was sent once it could be, and brings a code that works', async () => {
		for (const { to, id } of asked.filter(({ was, to: each }) => was === 'queued' && each.includes('@'))) {
			await sink.waitFor((mail) => mail.to.includes(to), 30_000);
			expect(await settled(id)).toMatchObject({ status: 'delivered' });
		}
		const to = addressOf('email');
		const order = { purpose: 'sign-in', connector: 'email', to };
		const got = await target.api('auth.sendCode', { input: order });
		const mail = await sink.waitFor((each) => each.to.includes(to));
		const code = /\b\d{6}\b/.exec(mail.text)?.[0];
		const { verification } = got.data as { verification: string };
		expect((await target.api('auth.signInWithCode', { input: { verification, code } })).status).toBe(200);
	}, 180_000);

	it('nothing was sent twice, and what may have arrived or was refused for good never again', async () => {
		const now = new Map((await messages()).map((message) => [message.id, message]));
		for (const { to, id, mode, was } of asked) {
			const reachedVendor = to.includes('@') ? mailsTo(to) : textsTo(to);
			expect(now.has(id), `${mode} is not lost`).toBe(true);
			if (was === 'queued') continue;
			// A mail that hung was taken by the server, or not: at most once, and a text was tried once.
			expect(reachedVendor, mode).toBeLessThanOrEqual(1);
			expect(['failed', 'uncertain', 'sending'], mode).toContain(now.get(id)?.status);
		}
		const perMail = sink.mails.map((mail) => mail.to.join());
		expect(new Set(perMail).size).toBe(perMail.length);
	});

	it('a message that arrived leaves no content behind', async () => {
		const delivered = (await messages()).filter(({ status }) => status === 'delivered');
		expect(delivered.length).toBeGreaterThan(3);
		const headers = await headersOf();
		for (const { id } of delivered)
			expect(
				(await target.api('admin.messages.read', { input: { id }, headers })).status,
			).toBeGreaterThanOrEqual(400);
	});
});
