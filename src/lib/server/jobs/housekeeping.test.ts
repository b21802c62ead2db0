import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../tests/appliance-under-test';
import { queueAsWritten } from '../flows/messages/queue-message';
import type { AppServices } from '../flows/services';
import { submitSignIn } from '../flows/sign-in/submit-sign-in';
import { day } from '../runtime/clock';
import type { SharedRepositories } from '../storage/shared/repositories';
import { keepHouse } from './housekeeping';

let under: ApplianceUnderTest;
let app: AppServices;
beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

const clean = (auditDays: number, store = async () => app.store) =>
	keepHouse({
		control: under.appliance.services.control,
		store,
		wake: () => undefined,
		wakeOwn: () => void wokenOwn++,
		auditDays,
		clock: under.clock,
		log: pino({ level: 'silent' }),
	});
let wokenOwn = 0;
const wrong = () => refusalOf(submitSignIn(app, { identifier: 'nobody', password: 'wrong-one' }, visitor()));
/** The ages of the events in the log, newest first, in days. */
const ages = async (of: Pick<SharedRepositories, 'audit'>) =>
	(await of.audit.list({ limit: 100 })).map(({ at }) => Math.round((under.clock.now() - at) / day));
const inApp = () => ages(app.store.read);
const inAppliance = () => ages(under.appliance.services.control.read);

describe('old events', () => {
	it('are removed after as many days as the appliance keeps them, in the apps and in the appliance', async () => {
		await wrong();
		under.clock.move(300 * day);
		await wrong();
		await under.app({ name: 'Second' });
		under.clock.move(101 * day);
		await wrong();
		expect(await inApp()).toEqual([0, 101, 401]);
		expect(await inAppliance()).toEqual([101, 401]);
		await clean(400);
		expect(await inApp()).toEqual([0, 101]);
		expect(await inAppliance()).toEqual([101]);
		await clean(100);
		expect(await inApp()).toEqual([0]);
		expect(await inAppliance()).toEqual([]);
	});

	it('of a damaged app stay, and keep no other app from being cleaned', async () => {
		await wrong();
		under.clock.move(50 * day);
		let calls = 0;
		await clean(30, async () => {
			calls += 1;
			if (calls === 1) throw new Error('damaged');
			return app.store;
		});
		expect(calls).toBeGreaterThan(1);
		expect(await inApp()).toEqual([]);
	});
});

describe('messages of the appliance itself', () => {
	it('that a restart left are delivered, and erased when they expire', async () => {
		const { control, vault, clock } = under.appliance.services;
		await clean(400);
		expect(wokenOwn).toBe(0);
		const letter = {
			channel: 'email',
			purpose: 'alert',
			to: 'ops@example.com',
			subject: 'x',
			text: 'x',
			params: {},
			locale: 'en',
		} as const;
		const id = await control.write((tx) =>
			queueAsWritten({ vault, clock }, tx, { letter, sender: 'smtp', life: day }),
		);
		await clean(400);
		expect(wokenOwn).toBe(1);
		under.clock.move(day);
		await clean(400);
		expect(await control.read.messages.find(id)).toMatchObject({ status: 'expired', recipient: '' });
		expect(wokenOwn).toBe(1);
		under.clock.move(31 * day);
		await clean(400);
		expect(await control.read.messages.find(id)).toBeUndefined();
	});
});
