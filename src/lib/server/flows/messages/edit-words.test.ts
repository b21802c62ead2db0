import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
	applianceUnderTest,
	refusalOf,
	settledMessages,
	visitor,
	type ApplianceUnderTest,
} from '../../../../../tests/appliance-under-test';
import { channelPurposes, templateProblem } from '../../../contract/template-words';
import type { Actor, AppServices } from '../services';
import { saveWords, type WordsChange } from './edit-words';
import { openMessage } from './queue-message';
import { listMessages } from './read-messages';
import { builtInWords } from './sample-letter';
import { targetOf } from '../verify/verification';
import { sendTestMessage, type TestOrder } from './send-test';

const operator: Actor = { kind: 'operator', id: 'o1', role: 'operator' };
let under: ApplianceUnderTest;
beforeAll(async () => void (under = await applianceUnderTest()));
afterAll(() => under.close());

const save = (app: AppServices, change: Partial<WordsChange>) =>
	saveWords(
		app,
		{
			channel: 'email',
			purpose: 'register',
			words: { en: undefined, 'zh-CN': undefined },
			actor: operator,
			...change,
		},
		visitor(),
	);
const words = (text: string, subject = '') => ({ en: { subject, text }, 'zh-CN': undefined });
const test = (app: AppServices, order: Partial<TestOrder> = {}) =>
	sendTestMessage(
		app,
		{
			channel: 'email',
			purpose: 'register',
			locale: 'en',
			to: 'me@example.com',
			actor: operator,
			...order,
		},
		visitor(),
	);
async function opened(app: AppServices, id: string) {
	await settledMessages(app);
	const message = await app.store.read.messages.find(id);
	return message && openMessage(app, message);
}

const all = (['email', 'sms'] as const).flatMap((channel) =>
	channelPurposes[channel].flatMap((purpose) =>
		(['en', 'zh-CN'] as const).map((locale) => ({ channel, purpose, locale })),
	),
);

describe('the built-in texts', () => {
	it.each(all)('of $channel $purpose in $locale are a template that may be kept as it is', async (which) => {
		const app = await under.app({ name: 'Acme' });
		for (const id of ['email', 'sms']) await app.plugins.save(id, { enabled: true });
		const { subject, text } = await builtInWords(app, which);
		expect(text).not.toContain('Acme');
		expect(text).toContain('{app}');
		expect(templateProblem(which.purpose, { subject, text })).toBeUndefined();
		if (which.purpose !== 'welcome') expect(text).toContain('{minutes}');
	});

	it('are plain where no connector has a text of its own', async () => {
		const app = await under.app();
		expect(await builtInWords(app, { channel: 'sms', purpose: 'recover', locale: 'en' })).toEqual({
			subject: '{app}',
			text: '{app}: {code}',
		});
	});
});

describe('an app’s own texts', () => {
	it('are kept for one message, beside those of others, until they are removed', async () => {
		const app = await under.app();
		await save(app, { words: words('Hi, {code}', '{app}') });
		await save(app, { purpose: 'recover', words: words('Again, {code}') });
		expect((await app.settings()).templates).toEqual({
			email: {
				register: { en: { subject: '{app}', text: 'Hi, {code}' } },
				recover: { en: { subject: '', text: 'Again, {code}' } },
			},
			sms: {},
		});
		await save(app, {});
		expect((await app.settings()).templates.email).not.toHaveProperty('register');
		expect((await app.settings()).templates.email).toHaveProperty('recover');
		const [event] = await app.store.read.audit.list({ action: 'app.update', limit: 1 });
		expect(event?.detail).toEqual({ fields: ['templates'], message: 'email register' });
	});

	it('by two operators at once are both kept', async () => {
		const app = await under.app();
		await Promise.all([
			save(app, { words: words('One {code}') }),
			save(app, { purpose: 'recover', words: words('Two {code}') }),
			save(app, { channel: 'sms', words: words('Three {code}') }),
		]);
		const { email, sms } = (await app.settings()).templates;
		expect([Object.keys(email).sort(), Object.keys(sms)]).toEqual([['recover', 'register'], ['register']]);
	});

	it.each([
		['no code', 'Welcome!', ''],
		['a value the message does not have', '{code} {link}', ''],
		['one in the subject', '{code}', '{person}'],
		['a subject and no text', '', 'Hello'],
	])('are refused with %s, at the text', async (_, text, subject) => {
		const app = await under.app();
		await expect(save(app, { words: words(text, subject) })).rejects.toMatchObject({
			code: 'input/invalid',
			fields: { 'text.en': 'input/invalid' },
		});
		expect((await app.settings()).templates.email).toEqual({});
	});
});

describe('a test message', () => {
	it('says what users would read, with made-up values, and the log names its sender', async () => {
		const app = await under.app({ name: 'Acme' });
		await save(app, { words: words('Type {code} at {app}', 'For {app}') });
		const sent = await opened(app, await test(app));
		expect(sent).toMatchObject({
			to: 'me@example.com',
			content: { subject: 'For Acme', text: 'Type 123456 at Acme', locale: 'en' },
		});
		const chinese = await opened(app, await test(app, { to: 'zh@example.com', locale: 'zh-CN' }));
		expect(chinese?.content.text).toContain('123456');
		expect(chinese?.content.text).not.toContain('Type');
		const [event] = await app.store.read.audit.list({ action: 'message.test', limit: 1 });
		expect(event).toMatchObject({
			actor: { kind: 'operator' },
			detail: { channel: 'email', purpose: 'register', sender: 'outbox' },
		});
		expect(JSON.stringify(event)).not.toContain('example.com');
	});

	it('goes to normalised phone numbers', async () => {
		const app = await under.app();
		const sent = await opened(
			app,
			await test(app, { channel: 'sms', purpose: 'sign-in', to: ' 138 0013 8000 ' }),
		);
		expect(sent?.to).toBe('+8613800138000');
	});

	it('contains no working code', async () => {
		const app = await under.app();
		await test(app, { purpose: 'recover' });
		const issued = await app.store.read.verifications.findNewest(
			targetOf(app.vault, 'me@example.com'),
			'recover',
		);
		expect(issued).toBeUndefined();
	});

	it.each([
		[{ to: 'nowhere' }, 'input/invalid'],
		[{ to: 'a@example.com\r\nBcc: b@example.com' }, 'input/invalid'],
		[{ channel: 'sms', to: 'me@example.com', purpose: 'sign-in' }, 'input/invalid'],
		[{ channel: 'sms', to: '13800138000', purpose: 'welcome' }, 'input/invalid'],
	] as const)('is refused for %o', async (order, code) => {
		expect(await refusalOf(test(await under.app(), order))).toBe(code);
	});

	it('is sent to one address once a minute', async () => {
		const app = await under.app();
		await test(app);
		expect(await refusalOf(test(app))).toBe('auth/too-many-attempts');
		expect(await refusalOf(test(app, { to: 'ME@example.com' }))).toBe('auth/too-many-attempts');
		under.clock.move(61_000);
		expect(await refusalOf(test(app))).toBe('done');
	});

	it('needs a sender', async () => {
		const app = await under.app();
		await app.plugins.save('outbox', { enabled: false });
		expect(await refusalOf(test(app))).toBe('sender/not-configured');
	});
});

describe('the list of messages', () => {
	it('can be limited to failed ones, with the reason and the next try', async () => {
		const app = await under.app();
		await app.plugins.save('smtp', {
			values: { host: '127.0.0.1', port: 9, from: 'id@example.com' },
			trusted: true,
		});
		const good = await test(app, { to: 'good@example.com' });
		await settledMessages(app);
		await app.store.write((tx) =>
			tx.settings.save('app', { name: 'Demo', senders: { email: 'smtp' } }, under.clock.now()),
		);
		const bad = await test(app, { to: 'bad@example.com' });
		await settledMessages(app);
		const troubled = await listMessages(app, { limit: 10, troubled: true });
		expect(troubled.map(({ id }) => id)).toEqual([bad]);
		expect(troubled[0]).toMatchObject({ status: 'queued', attempts: 1, readable: false });
		expect(troubled[0]?.error).toBeTruthy();
		expect(troubled[0]?.nextAt).toBeGreaterThan(under.clock.now());
		expect((await listMessages(app, { limit: 10 })).map(({ id }) => id).sort()).toEqual([bad, good].sort());
	});
});
