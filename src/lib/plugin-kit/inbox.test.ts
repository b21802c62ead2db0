import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startVendor } from './emulator';
import { Freshness, Inbox, realTime } from './inbox';

const inbox = new Inbox();
const vendor = await startVendor({
	routes: {
		...inbox.routes,
		'POST /send': ({ text }) => Response.json({ n: inbox.add({ channel: 'sms', to: '+86', text }) }),
	},
	pages: inbox.pages,
	failures: {},
	endpoints: { api: '/send' },
	config: {},
	forget: () => inbox.forget(),
});
afterAll(() => vendor.close());
beforeEach(() => vendor.reset());

const read = async () => (await fetch(`${vendor.url}/__messages`)).json() as Promise<unknown>;
const send = (body: string) => fetch(`${vendor.url}/send`, { method: 'POST', body });

describe('the inbox of an emulator', () => {
	it('shows what arrived, in order, and forgets it', async () => {
		await send('one');
		expect(await (await send('two')).json()).toEqual({ n: 2 });
		expect(await read()).toEqual([
			{ channel: 'sms', to: '+86', text: 'one' },
			{ channel: 'sms', to: '+86', text: 'two' },
		]);
		vendor.reset();
		expect(await read()).toEqual([]);
	});

	it('can be read while the vendor fails, and does not count as a call', async () => {
		await send('one');
		vendor.fail('down');
		expect((await send('two')).status).toBe(502);
		expect(await read()).toHaveLength(1);
		expect(vendor.calls).toHaveLength(2);
	});
});

describe('freshness', () => {
	it('is the tolerance to either side', () => {
		const freshness = new Freshness(() => 10_000, 500);
		expect([9_499, 9_500, 10_500, 10_501, NaN].map((at) => freshness.isFresh(at))).toEqual([
			false,
			true,
			true,
			false,
			false,
		]);
	});

	it('accepts a nonce once, until all are forgotten', () => {
		const freshness = new Freshness(realTime, 500);
		expect([freshness.use('a'), freshness.use('a'), freshness.use('b')]).toEqual([true, false, true]);
		freshness.forget();
		expect(freshness.use('a')).toBe(true);
	});

	it('uses the machine’s clock by default', () => {
		expect(Math.abs(realTime() - Date.now())).toBeLessThan(60_000);
	});
});
