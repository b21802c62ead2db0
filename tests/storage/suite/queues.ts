/** What waits: messages on their way out, verifications that people have yet to answer. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { AppStore } from '../../../src/lib/server/storage/app/repositories';
import type { Engine } from '../engines';
import { atOnce, messageRow, verificationRow } from './rows';

export function describeQueues(engine: () => Engine): void {
	let store: AppStore;
	beforeAll(async () => {
		store = await engine().newApp();
	});

	describe('messages', () => {
		const find = (id: string) => store.read.messages.find(id);

		it('come back as they were queued, and are due by time', async () => {
			await store.write((tx) => tx.messages.create(messageRow('m1', { nextAt: 200 })));
			expect(await find('m1')).toEqual(messageRow('m1', { nextAt: 200 }));
			expect(await store.read.messages.listDue(199, 10)).toEqual([]);
			expect((await store.read.messages.listDue(200, 10)).map(({ id }) => id)).toEqual(['m1']);
		});

		it('are taken by one worker of many', async () => {
			const won = await atOnce(20, () => store.write((tx) => tx.messages.take('m1', 900)));
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await find('m1')).toMatchObject({ status: 'sending', attempts: 1, nextAt: 900 });
			expect(await store.read.messages.listDue(9999, 10)).toEqual([]);
		});

		it('go back into the queue, then are delivered and erased', async () => {
			await store.write((tx) =>
				tx.messages.settle('m1', { status: 'queued', nextAt: 400, error: 'busy', now: 300 }),
			);
			expect(await find('m1')).toMatchObject({
				status: 'queued',
				nextAt: 400,
				error: 'busy',
				finishedAt: null,
			});
			await store.write((tx) => tx.messages.settle('m1', { status: 'delivered', erase: true, now: 500 }));
			expect(await find('m1')).toMatchObject({
				status: 'delivered',
				recipient: '',
				content: '',
				error: null,
				finishedAt: 500,
			});
		});

		it('that were being sent in a crash are not sent again', async () => {
			await store.write(async (tx) => {
				await tx.messages.create(messageRow('sending', { status: 'sending', nextAt: 700 }));
				await tx.messages.create(messageRow('being sent', { status: 'sending', nextAt: 701 }));
				await tx.messages.create(messageRow('waiting'));
				await tx.messages.markInterrupted(700);
			});
			expect(await find('sending')).toMatchObject({
				status: 'uncertain',
				recipient: '',
				content: '',
				finishedAt: 700,
			});
			expect(await find('being sent')).toMatchObject({ status: 'sending', content: 'sealed content' });
			expect(await find('waiting')).toMatchObject({ status: 'queued', content: 'sealed content' });
		});

		it('lose their content when they expire, and later their record', async () => {
			await store.write(async (tx) => {
				await tx.messages.create(messageRow('held', { status: 'held', expiresAt: 50 }));
				expect(await tx.messages.eraseExpired(50)).toBe(false);
			});
			expect(await find('held')).toMatchObject({
				status: 'expired',
				recipient: '',
				content: '',
				finishedAt: 50,
			});
			expect(await store.write((tx) => tx.messages.deleteExpired(50))).toBe(false);
			expect(await find('held')).toBeDefined();
			await store.write((tx) => tx.messages.deleteExpired(51));
			expect(await find('held')).toBeUndefined();
		});

		it('are listed newest first, and paging skips none of one millisecond', async () => {
			const other = await engine().newApp();
			await other.write(async (tx) => {
				for (let i = 0; i < 30; i++)
					await tx.messages.create(messageRow(`m${i}`, { createdAt: 1000 + Math.floor(i / 7) }));
			});
			const seen: string[] = [];
			for (let before: number | undefined; seen.length <= 30;) {
				const page = await other.read.messages.list({ before, limit: 5 });
				if (page.length === 0) break;
				seen.push(...page.map(({ id }) => id));
				before = page.at(-1)?.createdAt;
			}
			expect(seen).toHaveLength(30);
			expect(new Set(seen).size).toBe(30);
			expect(seen[0]).toBe('m28');
		});

		it('that are troubled are listed by themselves: failed, uncertain, or with an error, also while they wait', async () => {
			const other = await engine().newApp();
			await other.write(async (tx) => {
				const rows = [
					['waiting', {}],
					['failed', { status: 'failed' }],
					['uncertain', { status: 'uncertain' }],
					['tried', { error: 'busy' }],
					['delivered', { status: 'delivered' }],
					['held', { status: 'held' }],
					['expired', { status: 'expired' }],
					['dropped', { status: 'expired', error: 'no sender' }],
				] as const;
				for (const [at, [id, change]] of rows.entries())
					await tx.messages.create(messageRow(id, { ...change, createdAt: 1000 + at }));
			});
			const list = async (page: { limit: number; before?: number }) =>
				(await other.read.messages.list({ ...page, troubled: true })).map(({ id }) => id);
			expect(await list({ limit: 10 })).toEqual(['dropped', 'tried', 'uncertain', 'failed']);
			expect(await list({ limit: 2 })).toEqual(['dropped', 'tried']);
			expect(await list({ limit: 10, before: 1003 })).toEqual(['uncertain', 'failed']);
			expect(await other.read.messages.list({ limit: 10 })).toHaveLength(8);
		});

		it('that are troubled skip none of one millisecond, either', async () => {
			const other = await engine().newApp();
			await other.write(async (tx) => {
				for (let i = 0; i < 12; i++)
					await tx.messages.create(
						messageRow(`m${i}`, { createdAt: 1000, ...(i % 2 ? { error: 'x' } : {}) }),
					);
			});
			const page = await other.read.messages.list({ limit: 2, troubled: true });
			expect(page.map(({ id }) => id).sort()).toEqual(['m1', 'm11', 'm3', 'm5', 'm7', 'm9']);
		});
	});

	describe('verifications', () => {
		it('are found by id, by link, and the newest by target', async () => {
			await store.write(async (tx) => {
				await tx.verifications.create(verificationRow('v1', { createdAt: 1 }));
				await tx.verifications.create(
					verificationRow('v2', { createdAt: 2, link: 'link-digest', userId: 'u', data: 'v1.sealed' }),
				);
				await tx.verifications.create(verificationRow('v3', { createdAt: 3, purpose: 'recover' }));
			});
			const newest = await store.read.verifications.findNewest('target-hmac', 'sign-up');
			expect(newest).toEqual({
				...verificationRow('v2', { createdAt: 2, link: 'link-digest', userId: 'u', data: 'v1.sealed' }),
				...{ attempts: 0, usedAt: null },
			});
			expect(await store.read.verifications.find('v2')).toEqual(newest);
			expect(await store.read.verifications.findByLink('link-digest', 'sign-up')).toEqual(newest);
			expect(await store.read.verifications.findByLink('link-digest', 'recover')).toBeUndefined();
			expect(await store.read.verifications.findNewest('other', 'sign-up')).toBeUndefined();
		});

		it('count each of many tries at once, and no try for what is not there', async () => {
			const counts = await atOnce(20, () => store.write((tx) => tx.verifications.countAttempt('v1')));
			expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
			expect(await store.write((tx) => tx.verifications.countAttempt('absent'))).toBe(
				Number.MAX_SAFE_INTEGER,
			);
		});

		it('are used up once, and never after their time', async () => {
			const won = await atOnce(20, () => store.write((tx) => tx.verifications.use('v1', 8999)));
			expect(won.filter(Boolean)).toHaveLength(1);
			expect(await store.write((tx) => tx.verifications.use('v2', 9000))).toBe(false);
			// The clock was set back: what is used stays used.
			expect(await store.write((tx) => tx.verifications.use('v1', 5000))).toBe(false);
		});

		it('go with their user and with time', async () => {
			await store.write((tx) => tx.verifications.deleteOfUser('u'));
			expect(await store.read.verifications.find('v2')).toBeUndefined();
			expect(await store.write((tx) => tx.verifications.deleteExpired(8999))).toBe(false);
			expect(await store.read.verifications.find('v3')).toBeDefined();
			await store.write((tx) => tx.verifications.deleteExpired(9000));
			expect(await store.read.verifications.find('v3')).toBeUndefined();
		});
	});
}
