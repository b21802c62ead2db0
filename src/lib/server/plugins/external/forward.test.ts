/** Every kind of plugin works the same through another process. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { refusalOf } from '../host-under-test';
import { externalUnderTest } from './external-under-test';

const vendor = createServer((request, response) => {
	const pieces: Buffer[] = [];
	request.on('data', (piece: Buffer) => pieces.push(piece));
	request.on('end', () => response.end(Buffer.concat(pieces).reverse()));
});
await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening));
const api = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
afterAll(() => vendor.close());

const text = { en: 'x', 'zh-CN': 'x' };

it('forwards secret, code and ceremony: values, and their absence', async () => {
	const under = await externalUnderTest();
	await under.install({
		manifest: { kinds: ['secret', 'code', 'ceremony'] },
		parts: `{ manifest,
			secret: { enrol: ({ secret }) => secret.toUpperCase(), check: ({ secret, stored }) => ({ ok: stored === undefined ? false : stored === secret.toUpperCase() }) },
			code: { normalise: ({ typed }) => (typed.includes('@') ? typed.trim() : undefined), compose: ({ code, minutes }, { locale }) => ({ text: code + ' ' + minutes + ' ' + locale }) },
			ceremony: { options: ({ origin }) => ({ options: { origin, list: [1, null, 'x'] }, kept: 'k' }), verify: ({ response, kept, credentials }) => ({ ok: kept === 'k', credential: { id: response.id, stored: credentials[0].stored } }) },
		}`,
	});
	const secret = under.app.secret('sample');
	expect(await secret.enrol({ secret: 'abc' })).toBe('ABC');
	expect(await secret.check({ secret: 'abc', stored: 'ABC' })).toEqual({ ok: true });
	expect(await secret.check({ secret: 'abc', stored: undefined })).toEqual({ ok: false });
	const code = under.app.code('sample', 'zh-CN');
	expect(await code.normalise({ typed: ' a@b ' })).toBe('a@b');
	expect(await code.normalise({ typed: 'nobody' })).toBeUndefined();
	expect(
		await code.compose({ code: '123456', purpose: 'sign-in', appName: '门神', minutes: 5 }),
	).toMatchObject({
		text: '123456 5 zh-CN',
	});
	const ceremony = under.app.ceremony('sample');
	const start = {
		purpose: 'prove',
		origin: 'https://id.example',
		credentials: [{ id: 'c', stored: 's' }],
	} as const;
	expect(await ceremony.options(start)).toEqual({
		options: { origin: start.origin, list: [1, null, 'x'] },
		kept: 'k',
	});
	expect(await ceremony.verify({ ...start, response: { id: 'c' }, kept: 'k' })).toEqual({
		ok: true,
		credential: { id: 'c', stored: 's' },
	});
});

it('forwards scan and redirect: bytes of a picture, refusals, people who cancel', async () => {
	const under = await externalUnderTest();
	await under.install({
		manifest: { kinds: ['ticket', 'scan', 'redirect'] },
		parts: `{ manifest,
			ticket: { redeem: () => { throw new PluginFailure('refused', 'used') } },
			scan: { draw: () => ({ image: new Uint8Array([137, 80, 0, 255]), type: 'image/png' }) },
			redirect: { begin: ({ state }) => ({ url: 'https://acme.example/?' + state }), finish: () => { throw new PluginFailure('cancelled', 'no') } },
		}`,
	});
	expect(await under.app.scan('sample').draw({ key: 'k', url: 'https://id.example/' })).toEqual({
		image: new Uint8Array([137, 80, 0, 255]),
		type: 'image/png',
	});
	const redirect = under.app.redirect('sample');
	expect(await redirect.begin({ redirectUri: 'https://id.example/', state: 's', nonce: 'n' })).toEqual({
		url: 'https://acme.example/?s',
		kept: '',
	});
	const back = redirect.finish({ redirectUri: 'https://id.example/', query: {}, nonce: 'n', kept: '' });
	expect(await refusalOf(back)).toMatchObject({ code: 'auth/cancelled' });
	expect(await refusalOf(under.app.ticket('sample').redeem({ ticket: 't', params: {} }))).toMatchObject({
		code: 'auth/not-accepted',
	});
	// A refusal by the vendor is not a fault of the plugin.
	expect((await under.find())?.health).toEqual({ state: 'ok' });
});

it('forwards sender: what became of the message, bytes out and back, and nothing sent where the guard refused', async () => {
	const under = await externalUnderTest();
	await under.install({
		manifest: {
			kinds: ['sender'],
			channels: ['sms'],
			endpoints: { api: { fromConfig: 'server' } },
			config: [
				{ key: 'server', type: 'url', label: text },
				{ key: 'key', type: 'text', secret: true, label: text },
			],
		},
		parts: `{ manifest, sender: { async deliver({ to, text }, { http, config, log }) {
			log.info('key is ' + config.key, { deep: { key: [config.key] } });
			if (to === '+1') throw Object.assign(new Error('busy ' + config.key), { name: 'DeliveryFailed', reason: 'unavailable', retry: true, certain: true, retryAfter: 89.5 });
			const reply = await http('api', { path: '/send', body: new TextEncoder().encode(text) });
			return { status: 'delivered', reference: new TextDecoder().decode(reply.body) };
		} } }`,
	});
	const message = {
		id: 'm',
		channel: 'sms',
		purpose: 'sign-in',
		to: '+2',
		subject: '',
		text: 'abc',
		params: {},
		locale: 'en',
	} as const;
	await under.app.save('sample', { values: { server: api, key: 'canary-key' }, trusted: true });
	const sender = under.app.sender('sample');
	expect(await sender.deliver(message)).toEqual({ status: 'delivered', reference: 'cba' });
	expect(await sender.deliver({ ...message, to: '+1' })).toEqual({
		status: 'failed',
		retry: true,
		certain: true,
		retryAfter: 90,
		reason: 'unavailable',
		detail: 'sample.sender.deliver: busy [secret]',
	});
	expect(under.logged()).toContain('key is [secret]');
	await under.app.save('sample', { values: { server: 'https://localhost:8443/' } });
	expect(await sender.deliver(message)).toMatchObject({ status: 'failed', retry: true, certain: true });
	expect(under.logged() + JSON.stringify(await under.find())).not.toContain('canary');
});

it('validates the settings by the plugin’s own schema when it is called', async () => {
	const under = await externalUnderTest();
	under.write({
		manifest: { config: [{ key: 'size', type: 'integer', label: text }] },
		parts: `{ manifest,
			config: { safeParse: (values) => values.size > 3 ? { success: true, data: { size: values.size * 2 } } : { success: false, error: { issues: [{ path: ['size'] }] } } },
			ticket: { redeem: (_, { config }) => ({ subject: String(config.size), scope: 's' }) },
			selfTest: async ({ config }) => { if (config.size > 100) throw new PluginFailure('config', 'too large'); },
		}`,
	});
	await under.approve();
	const redeem = () => under.app.ticket('sample').redeem({ ticket: 't', params: {} });
	// Stored before its schema was as strict.
	await under.app.save('sample', { values: { size: '2' } });
	await under.appStore.write(async ({ plugins }) => {
		for (const row of await plugins.list()) await plugins.save({ ...row, enabled: true }, 1);
	});
	expect(await refusalOf(redeem())).toMatchObject({
		detail: expect.stringContaining('settings: size') as string,
	});
	await under.app.save('sample', { values: { size: '7' } });
	expect(await redeem()).toMatchObject({ subject: '14' });
	expect(await under.app.selfTest('sample')).toMatchObject({ ok: true });
	await under.app.save('sample', { values: { size: '70' } });
	expect(await under.app.selfTest('sample')).toMatchObject({
		ok: false,
		detail: expect.stringContaining('too large') as string,
	});
});
