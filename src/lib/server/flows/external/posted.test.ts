import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { minute } from '../../runtime/clock';
import { digest } from '../../runtime/vault';
import type { AppServices } from '../services';
import { keepPosted, takePosted } from './posted';

let under: ApplianceUnderTest;
let app: AppServices;
const connector = 'apple';
const query = { state: 's', code: 'c', user: '{"name":{"firstName":"Mei"}}' };

beforeAll(async () => {
	under = await applianceUnderTest();
	app = await under.app();
});
afterAll(() => under.close());

const keep = (change: Partial<{ connector: string }> = {}) =>
	keepPosted(app, { connector, query, ...change }, visitor());

describe('what a vendor posted', () => {
	it('is given once to the browser that brings its id', async () => {
		const id = await keep();
		expect(await takePosted(app, { connector, id })).toEqual(query);
		expect(await refusalOf(takePosted(app, { connector, id }))).toBe('interaction/expired');
	});

	it('is not given to another connector or another app', async () => {
		const id = await keep();
		expect(await refusalOf(takePosted(app, { connector: 'github', id }))).toBe('interaction/expired');
		expect(await refusalOf(takePosted(await under.app(), { connector, id }))).toBe('interaction/expired');
		expect(await takePosted(app, { connector, id })).toEqual(query);
	});

	it('expires after a minute', async () => {
		const id = await keep();
		under.clock.move(minute + 1);
		expect(await refusalOf(takePosted(app, { connector, id }))).toBe('interaction/expired');
	});

	it('is sealed where it is kept', async () => {
		const id = await keep();
		const row = await app.store.read.verifications.findByLink(digest(id), 'posted');
		expect(row?.data).toEqual(expect.any(String));
		expect(JSON.stringify(row)).not.toContain('firstName');
		expect(await refusalOf(takePosted(app, { connector, id: 'made-up' }))).toBe('interaction/expired');
	});

	it.each(['password', 'outbox', 'nothing'])('is not accepted for %s', async (named) => {
		expect(await refusalOf(keep({ connector: named }))).toBe('plugin/not-found');
	});

	it('is limited by address', async () => {
		const flood = async () => {
			for (let count = 0; count < 700; count++)
				await keepPosted(app, { connector, query }, visitor({ address: '192.0.2.99' }));
		};
		expect(await refusalOf(flood())).toBe('auth/too-many-attempts');
	});
});
