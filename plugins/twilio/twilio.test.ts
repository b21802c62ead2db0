import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingMessage, PluginContext } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases, emulatedBy, fates, type VendorFailure } from '@menshen/plugin-kit/contract-suite';
import type { ReceivedMessage } from '@menshen/plugin-kit/inbox';
import { startEmulator } from './emulator';
import { fateOfCode } from './failures';
import plugin from './index.server';

const emulator = await startEmulator();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const message: OutgoingMessage = {
	id: 'm-1',
	channel: 'sms',
	purpose: 'sign-in',
	to: '+12025550123',
	subject: '',
	text: 'Acme & Söhne: 123456 is your code (门神)',
	params: { code: '123456' },
	locale: 'en',
};
const { config } = emulator;
const sid = (letters: string) => `${letters}${'0'.repeat(32)}`;

const received = async () => (await (await fetch(`${emulator.url}/__messages`)).json()) as ReceivedMessage[];

const { later, never, settings, busy, unknown } = fates;
const answers: Readonly<Record<string, VendorFailure['expected']>> = {
	20003: settings,
	20404: settings,
	20429: busy,
	20500: unknown,
	21211: never,
	21408: never,
	21602: never,
	21603: settings,
	21604: never,
	21606: settings,
	21608: never,
	21610: never,
	21611: busy,
	21614: never,
	21617: never,
	21701: settings,
	21703: settings,
	63038: later,
	nonsense: unknown,
	down: unknown,
};
const named = (code: string) => emulator.failures.find((name) => name.split(' ')[0] === code);

describe('twilio', () => {
	for (const { name, run } of contractCases({
		plugin,
		...emulatedBy(emulator),
		config,
		refused: {
			'a sid of something else': { ...config, accountSid: sid('SK') },
			'an invalid service': { ...config, messagingServiceSid: sid('AC') },
			'no service': { ...config, messagingServiceSid: '' },
			'no sender': { ...config, sender: 'from' },
			'a name that is too long': { ...config, sender: 'from', from: 'Menshen Login' },
			'a name of digits and signs': { ...config, sender: 'from', from: '+1-202' },
		},
		call: (each, context) => each.sender?.deliver(message, context),
		accept: async (answer) => {
			expect(answer).toEqual({ status: 'delivered', reference: `SM${'1'.padStart(32, '0')}` });
			expect(await received()).toEqual([
				{
					channel: 'sms',
					to: message.to,
					text: message.text,
					facts: { from: config['messagingServiceSid'] },
				},
			]);
		},
		failures: Object.entries(answers).map(([code, expected]) => ({
			name: `${code}: ${JSON.stringify(expected)}`,
			arrange: () => emulator.fail(named(code)),
			expected,
		})),
		secrets: [
			'123456',
			'+12025550123',
			Buffer.from(`${config['accountSid']}:${config['authToken']}`).toString('base64'),
		],
	}))
		it(name, run);

	it('is tried with every failure of the emulator', () => {
		const codes = emulator.failures.filter((name) => name !== 'hang').map((name) => name.split(' ')[0]);
		expect(Object.keys(answers).sort()).toEqual(codes.sort());
	});
});

const contextWith = (change: Record<string, string> = {}) => contextFor(plugin, { emulator, config: change });
const deliver = async (change: Partial<OutgoingMessage> = {}, context: PluginContext = contextWith()) =>
	plugin.sender?.deliver({ ...message, ...change }, context as never);
const selfTest = async (context: PluginContext) => plugin.selfTest?.(context as never);

describe('what is sent', () => {
	it('is one form with these parameters and no others', async () => {
		await deliver();
		const [call] = emulator.calls;
		expect(call?.url.pathname).toBe(`/2010-04-01/Accounts/${config['accountSid']}/Messages.json`);
		expect(call?.url.search).toBe('');
		expect(Object.fromEntries(call?.form ?? [])).toEqual({
			To: '+12025550123',
			Body: message.text,
			MessagingServiceSid: config['messagingServiceSid'],
		});
	});

	it.each(['+12025550199', 'Menshen'])('from %s', async (from) => {
		await deliver({}, contextWith({ sender: 'from', from }));
		expect(emulator.calls[0]?.form.has('MessagingServiceSid')).toBe(false);
		expect((await received())[0]?.facts).toEqual({ from });
	});

	it.each(['12025550123', '+1202555,+1', '+0123456789', ''])(
		'%j is not one number: nothing is sent',
		async (to) => {
			expect(await thrownBy(() => deliver({ to }))).toMatchObject(never);
			expect(emulator.calls).toEqual([]);
		},
	);

	it('a text of 1,601 characters is not sent', async () => {
		await deliver({ text: 'x'.repeat(1600) });
		expect(await thrownBy(() => deliver({ text: 'x'.repeat(1601) }))).toMatchObject(never);
		expect(emulator.calls).toHaveLength(1);
	});

	it('a message given up at once was not delivered', async () => {
		const reply = { sid: sid('SM'), status: 'failed' };
		const context: PluginContext = {
			...contextWith(),
			http: () =>
				Promise.resolve({ status: 201, headers: {}, body: new TextEncoder().encode(JSON.stringify(reply)) }),
		};
		expect(await thrownBy(() => deliver({}, context))).toMatchObject({ ...never, message: 'status failed' });
	});
});

describe('settings at fault', () => {
	it.each([
		['token', { authToken: 'canary-wrong' }],
		['account', { accountSid: sid('AC') }],
	])('a wrong %s is said to be so, by a message and by the self-test', async (_, change) => {
		for (const work of [() => deliver({}, contextWith(change)), () => selfTest(contextWith(change))]) {
			const failure = await thrownBy(work);
			expect(failure).toMatchObject({
				reason: 'config',
				message: expect.stringContaining('20003') as string,
			});
			expect(failure?.message).not.toContain('canary');
		}
		expect(await received()).toEqual([]);
	});

	it('include a number of another account', async () => {
		expect(
			await thrownBy(() => deliver({}, contextWith({ sender: 'from', from: '+12025550100' }))),
		).toMatchObject(settings);
	});

	it('good ones pass the self-test, which sends nothing', async () => {
		await selfTest(contextWith());
		expect(emulator.calls.map(({ method }) => method)).toEqual(['GET']);
	});

	it('are not blamed for a vendor that is busy', async () => {
		emulator.fail(named('20429'));
		expect(await thrownBy(() => selfTest(contextWith()))).toMatchObject({ reason: 'unavailable' });
	});
});

describe('an unknown error is classified by its status', () => {
	it.each([
		[400, 'never'],
		[401, 'settings'],
		[403, 'settings'],
		[404, 'settings'],
		[429, 'busy'],
		[500, 'unknown'],
		[503, 'unknown'],
	])('%i: %s', (status, fate) => {
		expect(fateOfCode(99_999, status)).toBe(fate);
	});
});
