/**
 * The built-in senders through the host: signed by them, sent by the guarded HTTP, checked by their vendors'
 * emulators.
 */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../plugin-kit/emulator';
import type { ReceivedMessage } from '../../plugin-kit/inbox';
import { startEmulator as directMail } from '../../../../plugins/aliyun-directmail/emulator';
import { startEmulator as aliyunSms } from '../../../../plugins/aliyun-sms/emulator';
import { startEmulator as tencentSms } from '../../../../plugins/tencent-sms/emulator';
import { startEmulator as twilio } from '../../../../plugins/twilio/emulator';
import { startEmulator as webhook } from '../../../../plugins/webhook/emulator';
import { hostUnderTest, type HostUnderTest } from './host-under-test';

const sms = { channel: 'sms', to: '+8613800138000', subject: '' } as const;
const email = { channel: 'email', to: 'an@example.com', subject: '验证码 & +~*' } as const;
const letter = {
	id: 'm1',
	purpose: 'sign-in',
	text: '验证码 123456 + &',
	params: { code: '123456', minutes: '5' },
	locale: 'zh-CN',
} as const;

/** The time of the host under test. */
const now = () => 1_800_000_000_000;

const senders = [
	{
		id: 'aliyun-sms',
		to: sms,
		emulator: await aliyunSms(0, now),
		wrong: { accessKeySecret: 'canary-wrong' },
	},
	{
		id: 'aliyun-directmail',
		to: email,
		emulator: await directMail(0, now),
		wrong: { accessKeySecret: 'canary-wrong' },
	},
	{ id: 'tencent-sms', to: sms, emulator: await tencentSms(0, now), wrong: { secretKey: 'canary-wrong' } },
	{ id: 'twilio', to: sms, emulator: await twilio(), wrong: { authToken: 'canary-wrong' } },
	{ id: 'webhook', to: email, emulator: await webhook(0, now), wrong: { secret: 'canary-wrong-secret' } },
];
afterAll(() => Promise.all(senders.map(({ emulator }) => emulator.close())));
beforeEach(() => senders.forEach(({ emulator }) => emulator.reset()));

const received = async ({ url }: Emulator) =>
	(await (await fetch(`${url}/__messages`)).json()) as ReceivedMessage[];
/** The address that an operator typed is a public one; ENDPOINTS leads elsewhere. */
const typed = ({ config }: Emulator) => ({
	...config,
	...(config['url'] ? { url: 'https://hook.example.com/m' } : {}),
});
const endpointsOf = (id: string, { endpoints }: Emulator) =>
	Object.fromEntries(Object.entries(endpoints).map(([name, address]) => [`${id}.${name}`, address]));

describe.each(senders)('$id', ({ id, to, emulator, wrong }) => {
	async function appWith(values: Record<string, unknown> = {}): Promise<HostUnderTest> {
		const host = await hostUnderTest({ config: { ENDPOINTS: endpointsOf(id, emulator) } });
		await host.app.save(id, { values: { ...typed(emulator), ...values } });
		return host;
	}

	it('passes its self-test and delivers', async () => {
		const { app } = await appWith();
		expect(await app.selfTest(id)).toMatchObject({ ok: true });
		expect(await app.sender(id).deliver({ ...letter, ...to })).toMatchObject({ status: 'delivered' });
		const [message] = await received(emulator);
		expect(message).toMatchObject({ channel: to.channel, text: expect.stringContaining('123456') as string });
		if (to.channel === 'email')
			expect(message).toMatchObject({ to: to.to, subject: to.subject, text: letter.text });
	});

	it('reports a wrong secret without repeating it', async () => {
		const { app, logged } = await appWith(wrong);
		const outcome = await app.sender(id).deliver({ ...letter, ...to });
		expect(outcome).toMatchObject({ status: 'failed', retry: false, certain: true });
		const test = await app.selfTest(id);
		expect(test).toMatchObject({ ok: false });
		expect(JSON.stringify([outcome, test]) + logged()).not.toContain('canary');
		expect(await received(emulator)).toEqual([]);
	});

	it('allows another try when the vendor is gone, as nothing was sent', async () => {
		const gone = await webhook();
		const ENDPOINTS = Object.fromEntries(
			Object.keys(emulator.endpoints).map((name) => [`${id}.${name}`, gone.url]),
		);
		await gone.close();
		const { app } = await hostUnderTest({ config: { ENDPOINTS } });
		await app.save(id, { values: typed(emulator) });
		expect(await app.sender(id).deliver({ ...letter, ...to })).toMatchObject({
			status: 'failed',
			retry: true,
			certain: true,
		});
	});

	it('allows no other try when the vendor breaks off, as the message may have been sent', async () => {
		const { app } = await appWith();
		emulator.fail('hang');
		const outcome = app.sender(id).deliver({ ...letter, ...to });
		await emulator.reached();
		await emulator.close();
		expect(await outcome).toMatchObject({ status: 'failed', retry: false, certain: false });
	});
});
