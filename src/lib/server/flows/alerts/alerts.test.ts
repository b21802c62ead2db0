import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	system,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { startSmtpSink, type SmtpSink } from '../../../../../tests/emulators/smtp-sink';
import { Refusal } from '../../../contract/errors';
import type { Alert } from '../../domain/alerts';
import { day, hour, minute } from '../../runtime/clock';
import { saveApplianceMail } from '../messages/appliance-sender';
import { openMessage } from '../messages/queue-message';
import type { ApplianceServices } from '../services';
import { createAlerts, type Alerts } from './alerts';
import { alertAddress, canAlert } from './alert-route';
import { createDiskWatch } from './disk-watch';
import { sendTestAlert } from './send-test-alert';

const to = 'ops@example.com';
let under: ApplianceUnderTest;
let sink: SmtpSink;
let services: ApplianceServices;
let alerts: Alerts;
let woken = 0;

const chooseMail = (change: { email?: string; alertEmail?: string }) =>
	saveApplianceMail(services, { change, actor: system }, visitor());
const make = () => createAlerts({ ...services, wakeDelivery: () => void woken++ });

beforeAll(async () => {
	sink = await startSmtpSink();
});
afterAll(() => sink.close());
beforeEach(async () => {
	under = await applianceUnderTest();
	sink.behave('accept');
	sink.clear();
	services = under.appliance.services;
	await services.plugins.appliance.save('smtp', {
		values: { host: sink.host, port: sink.port, from: 'id@example.com' },
		trusted: true,
	});
	await chooseMail({ email: 'smtp', alertEmail: to });
	alerts = make();
	woken = 0;
	return () => under.close();
});

/** The queued alerts, the oldest first. */
async function queued() {
	await alerts.idle();
	const listed = await services.control.read.messages.list({ limit: 100 });
	return (
		listed
			.filter(({ purpose }) => purpose === 'alert')
			.map((message) => {
				const opened = openMessage(services, message);
				if (!opened) throw new Error('erased');
				return { to: opened.to, ...opened.content };
			})
			// Alerts of the same moment have no order.
			.sort((a, b) => (a.subject ?? '').localeCompare(b.subject ?? ''))
	);
}
const down = (change: Partial<Alert> = {}): Alert => ({
	kind: 'plugin-unhealthy',
	app: 4,
	plugin: 'alipay',
	since: under.clock.now(),
	reason: 'unavailable',
	...change,
});
const up = (change: Partial<Alert> = {}) => down({ kind: 'plugin-recovered', ...change });

describe('an alert', () => {
	it('is one mail in both languages, with what, since when, why and where to go', async () => {
		alerts.tell(down({ since: Date.UTC(2026, 10, 20, 15, 53), reason: 'config' }));
		const [mail, ...more] = await queued();
		expect(more).toEqual([]);
		expect(mail?.to).toBe(to);
		expect(mail?.subject).toBe('[localhost:3999] alipay is not working (app 4) / alipay 无法使用（应用 4）');
		expect(mail?.text).toContain('2026-11-20 15:53 UTC');
		expect(mail?.text).toContain('rejects the settings');
		expect(mail?.text).toContain('服务方拒绝了当前设置');
		expect(mail?.text.match(/http:\/\/localhost:3999\/admin\/apps\/4\/connectors\/alipay/g)).toHaveLength(2);
		expect(woken).toBe(1);
	});

	it.each<[Partial<Alert>, string]>([
		[{ plugin: 'smtp' }, '/admin/apps/4/messages/senders/smtp'],
		[{ app: undefined }, '/admin/plugins/alipay'],
		[{ kind: 'messages-undelivered', plugin: 'smtp' }, '/admin/apps/4/messages'],
		[{ kind: 'passkey-copied', plugin: undefined, user: 'u1' }, '/admin/apps/4/users/u1'],
	])('about %j leads to %s', async (change, path) => {
		alerts.tell(down(change));
		expect((await queued())[0]?.text).toContain(`http://localhost:3999${path}\n`);
	});

	it('is one mail when a trouble is noticed a hundred times at once, by several processes too', async () => {
		const other = make();
		for (let times = 0; times < 100; times++) for (const each of [alerts, other]) each.tell(down());
		await other.idle();
		expect(await queued()).toHaveLength(1);
		expect(woken).toBe(1);
	});

	it('about another app, plugin or kind of trouble is another mail', async () => {
		for (const alert of [
			down(),
			down({ app: 5 }),
			down({ plugin: 'qq' }),
			down({ kind: 'messages-undelivered' }),
		])
			alerts.tell(alert);
		expect(await queued()).toHaveLength(4);
	});

	it('is not repeated after a restart', async () => {
		alerts.tell(down());
		await alerts.idle();
		alerts = make();
		alerts.tell(down());
		expect(await queued()).toHaveLength(1);
	});

	it('is repeated after a day while the trouble lasts, and not before', async () => {
		alerts.tell(down());
		await alerts.idle();
		under.clock.move(day - minute);
		alerts.tell(down());
		await alerts.idle();
		expect(woken).toBe(1);
		under.clock.move(minute);
		alerts.tell(down());
		await alerts.idle();
		expect(woken).toBe(2);
	});

	it('of one kind is sent ten times a day at most, and takes nothing from other kinds', async () => {
		for (let app = 1; app <= 30; app++) alerts.tell(down({ app }));
		expect(await queued()).toHaveLength(10);
		alerts.tell(down({ kind: 'messages-undelivered' }));
		expect(await queued()).toHaveLength(11);
	});

	it('is sealed while it waits', async () => {
		alerts.tell(down());
		await alerts.idle();
		const [row] = await services.control.read.messages.list({ limit: 1 });
		expect(JSON.stringify(row)).not.toMatch(/ops@|alipay|working/);
	});
});

describe('the news that something works again', () => {
	it('is sent once, and only if its failure was reported', async () => {
		alerts.tell(up());
		expect(await queued()).toEqual([]);
		alerts.tell(down());
		alerts.tell(up());
		const mails = await queued();
		expect(mails.map(({ subject }) => subject.split(' / ')[0])).toEqual([
			'[localhost:3999] alipay is not working (app 4)',
			'[localhost:3999] alipay works again (app 4)',
		]);
		alerts.tell(up());
		expect(await queued()).toHaveLength(2);
	});

	it('is sent once an hour for what goes off and on, and the last mail is true', async () => {
		const trouble = async (alert: Alert) => {
			alerts.tell(alert);
			await alerts.idle();
		};
		for (let times = 0; times < 20; times++) {
			await trouble(down());
			await trouble(up());
			under.clock.move(2 * minute);
		}
		expect(woken).toBe(2);
		under.clock.move(hour);
		await trouble(down());
		expect(woken).toBe(3);
		await trouble(up());
		expect(woken).toBe(4);
	});

	it('is sent after a restart as well', async () => {
		alerts.tell(down());
		await alerts.idle();
		alerts = make();
		alerts.tell(up());
		expect(await queued()).toHaveLength(2);
	});
});

describe('the recipient of alerts', () => {
	const environment = (alertEmail: string | undefined) => ({ ...services, alertEmail });

	it('is the address of the console, else ALERT_EMAIL, else nowhere', async () => {
		expect(await alertAddress(environment('env@example.com'))).toBe(to);
		await chooseMail({ alertEmail: '' });
		expect(await alertAddress(environment('env@example.com'))).toBe('env@example.com');
		expect(await alertAddress(environment(undefined))).toBeUndefined();
		alerts.tell(down());
		expect(await queued()).toEqual([]);
		// An alert that reached no recipient does not count as sent.
		await chooseMail({ alertEmail: to });
		alerts.tell(down());
		expect(await queued()).toHaveLength(1);
	});

	it('needs a sender that delivers: the outbox is not enough', async () => {
		expect(await canAlert(services)).toBe(true);
		for (const email of ['', 'outbox']) {
			await chooseMail({ email });
			expect(await canAlert(services)).toBe(false);
			alerts.tell(down());
			expect(await queued()).toEqual([]);
		}
	});

	it('gets no alert about a sender through that same sender', async () => {
		alerts.tell(down({ app: undefined, plugin: 'smtp' }));
		expect(await queued()).toEqual([]);
	});
});

describe('a full disk', () => {
	/** The edge: a disk on which nothing more fits. */
	function fullDisk() {
		let full = true;
		const control: ApplianceServices['control'] = {
			...services.control,
			write: (work, options) =>
				full ? Promise.reject(new Refusal('storage/full')) : services.control.write(work, options),
		};
		alerts = createAlerts({ ...services, control, wakeDelivery: () => void woken++ });
		const watch = createDiskWatch({ ...services, control, alerts });
		return { watch, free: () => void (full = false) };
	}

	it('is reported once, from memory; that there is room again goes through the queue', async () => {
		const { watch, free } = fullDisk();
		for (let times = 0; times < 50; times++) watch.refused();
		const mail = await sink.waitFor(({ subject }) => subject.includes('disk is full'));
		expect(mail.to).toEqual([to]);
		await alerts.idle();
		await watch.look();
		await watch.look();
		await alerts.idle();
		expect(sink.mails).toHaveLength(1);
		expect(await queued()).toEqual([]);
		free();
		await watch.look();
		expect((await queued()).map(({ subject }) => subject)).toEqual([
			expect.stringContaining('there is room on the disk again'),
		]);
		await watch.look();
		expect(await queued()).toHaveLength(1);
		expect(sink.mails).toHaveLength(1);
	});

	it('is reported once the mail server is back, if that was down too', async () => {
		sink.behave('busy');
		const { watch } = fullDisk();
		watch.refused();
		await alerts.idle();
		await watch.look();
		await alerts.idle();
		expect(sink.mails).toEqual([]);
		sink.behave('accept');
		await watch.look();
		await alerts.idle();
		await watch.look();
		await alerts.idle();
		expect(sink.mails).toHaveLength(1);
	});

	it('reported before a restart is reported as over after it', async () => {
		alerts.tell({ kind: 'disk-full', since: under.clock.now() });
		await alerts.idle();
		expect(sink.mails).toHaveLength(1);
		const watch = createDiskWatch({ ...services, alerts });
		await watch.look();
		expect((await queued()).map(({ subject }) => subject)).toEqual([
			expect.stringContaining('there is room on the disk again'),
		]);
	});

	it('costs no write while there is room', async () => {
		const watch = createDiskWatch({ ...services, alerts });
		await watch.look();
		const version = services.control.version();
		await watch.look();
		expect(services.control.version()).toBe(version);
	});
});

describe('a test alert', () => {
	it('is sent at once, and the answer names the sender', async () => {
		expect(await sendTestAlert(services, system, visitor())).toEqual({
			sent: true,
			to,
			sender: 'smtp',
			detail: '',
		});
		expect(sink.mails.map((mail) => mail.to)).toEqual([[to]]);
		expect(sink.mails[0]?.text).toContain('http://localhost:3999/admin/settings');
		const [event] = await services.control.read.audit.list({ action: 'appliance.test-alert', limit: 1 });
		expect(event).toMatchObject({ detail: { sender: 'smtp', sent: true } });
	});

	it('that cannot be sent says why', async () => {
		sink.behave('refuse');
		const got = await sendTestAlert(services, system, visitor());
		expect(got).toMatchObject({ sent: false, to });
		expect(got.detail).toMatch(/550/);
		expect(got.detail).not.toContain(to);
	});

	it('is for owners, needs an address and a sender, and cannot be used to flood a mailbox', async () => {
		const operator = { kind: 'operator', id: 'o', role: 'operator' } as const;
		expect(await refusalOf(sendTestAlert(services, operator, visitor()))).toBe('auth/forbidden');
		expect(await refusalOf(sendTestAlert(services, system, visitor()))).toBe('done');
		expect(await refusalOf(sendTestAlert(services, system, visitor()))).toBe('auth/too-many-attempts');
		await chooseMail({ email: '' });
		expect(await refusalOf(sendTestAlert(services, system, visitor()))).toBe('sender/not-configured');
		await chooseMail({ alertEmail: '' });
		expect(await refusalOf(sendTestAlert(services, system, visitor()))).toBe('input/invalid');
	});
});
