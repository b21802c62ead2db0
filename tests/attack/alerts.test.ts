/**
 * F14: operators get one mail when something stops working, and one when it works again; further requests meanwhile
 * send no more.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmulator as startTwilio } from '../../plugins/twilio/emulator';
import type { Emulator } from '../../src/lib/plugin-kit/emulator';
import { startSmtpSink, type SmtpSink } from '../emulators/smtp-sink';
import { endpointsEnv } from '../emulators/vendors';
import { oneApp, startTarget, type Target } from './target';
import { connectorsLine } from './vendors';
import { post } from './wire';

const alertAddress = 'ops@example.com';
let sink: SmtpSink;
let twilio: Emulator;
let target: Target;
beforeAll(async () => {
	[sink, twilio] = await Promise.all([startSmtpSink(), startTwilio()]);
	const email = { plugin: 'smtp', config: { host: sink.host, port: sink.port, from: 'id@example.com' } };
	const sms = { plugin: 'twilio', config: twilio.config };
	target = await startTarget({
		apply: `appliance:
  senders: ${JSON.stringify({ email })}
${oneApp}${connectorsLine({}, ['sms'])}    senders: ${JSON.stringify({ sms })}
`,
		env: { ...endpointsEnv({ twilio }), TRUSTED_PROXIES: '127.0.0.1', ALERT_EMAIL: alertAddress },
	});
});
afterAll(async () => {
	await target.stop();
	await Promise.all([sink.close(), twilio.close()]);
});

let next = 0;
/** Somebody asks for a code by text message. */
async function ask(): Promise<void> {
	const count = ++next;
	const got = await post(
		target.at,
		'/apps/4/sign-in',
		{ connector: 'sms', phone: `+861390000${String(count).padStart(4, '0')}` },
		{
			host: new URL(target.origin).host,
			origin: target.origin,
			'x-forwarded-for': `198.51.100.${count}`,
		},
	);
	expect(got.status).toBe(303);
	expect(got.ms).toBeLessThan(3000);
}
const told = (words: string) => sink.mails.filter(({ subject }) => subject.includes(words));

/** Goes on asking until a mail says so. */
async function askUntil(words: string, times: number): Promise<void> {
	for (let count = 0; count < times && told(words).length === 0; count++) {
		await ask();
		await sink.waitFor(({ subject }) => subject.includes(words), 1000).catch(() => undefined);
	}
	expect(told(words), target.appliance.output().slice(-2000)).toHaveLength(1);
}

it('a vendor that is down is reported once, and once when it is back', async () => {
	twilio.fail('down');
	await askUntil('twilio is not working', 30);
	const [mail] = told('twilio is not working');
	expect(mail?.to).toEqual([alertAddress]);
	expect(mail?.text).toContain(`${target.origin}/admin/apps/4/messages/senders/twilio`);
	expect(mail?.text, 'numbers of people are no business of a mailbox').not.toMatch(/13900/);

	for (let times = 0; times < 40; times++) await ask();
	expect(sink.mails).toHaveLength(1);

	twilio.fail();
	await askUntil('twilio works again', 60);
	expect(sink.mails).toHaveLength(2);

	// It goes off and on: nothing more within the hour.
	twilio.fail('down');
	for (let times = 0; times < 20; times++) await ask();
	expect(sink.mails).toHaveLength(2);
}, 120_000);

it('a test alert says what came of it, to owners alone', async () => {
	const test = async (headers: Record<string, string>) =>
		target.api('admin.senders.testAlert', { app: null, headers });
	expect((await test({})).code).toBe('auth/not-signed-in');
	const headers = { cookie: await target.owner() };
	sink.clear();
	expect(await test(headers)).toMatchObject({ status: 200, data: { sent: true, to: alertAddress } });
	expect(told('test of the alert address')).toHaveLength(1);
	expect((await test(headers)).code).toBe('auth/too-many-attempts');
});
