/** The suite itself: it passes a good plugin, and each of its cases can fail. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { contractCases, type ContractSubject } from './contract-suite';
import { definePlugin, type PluginParts } from './define-plugin';
import { PluginFailure } from './failures';
import { jsonOf, textOf } from './replies';

const text = { en: 'x', 'zh-CN': 'x' };
const manifest = {
	id: 'sample',
	version: '1.0.0',
	kit: 1,
	kinds: ['ticket'],
	name: text,
	description: text,
	endpoints: { api: 'https://api.vendor.example' },
	config: [
		{ key: 'appId', type: 'text', required: true, label: text },
		{ key: 'secret', type: 'text', required: true, secret: true, label: text },
	],
};
const reply = z.object({ openid: z.string().optional(), errcode: z.number().optional() });

let mode: 'good' | 'used' | 'hang' | 'html' = 'good';
let reached: () => void = () => undefined;
const vendor: Server = createServer((request, response) => {
	request.resume();
	if (mode === 'hang') return reached();
	response.end({ good: '{"openid":"o1"}', used: '{"errcode":40163}', html: '<html>' }[mode]);
});
await new Promise<void>((listening) => vendor.listen(0, '127.0.0.1', listening));
const api = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
afterAll(() => {
	vendor.closeAllConnections();
	vendor.close();
});

type Redeem = NonNullable<PluginParts<Record<string, unknown>>['ticket']>['redeem'];
const redeem: Redeem = async ({ ticket }, { http, config }) => {
	const answer = await http('api', { path: 'session', form: { ticket, secret: String(config['secret']) } });
	const { openid, errcode } = jsonOf(answer, reply);
	if (!openid) throw new PluginFailure('refused', `errcode ${errcode}`);
	return { subject: openid, scope: String(config['appId']) };
};

const good: ContractSubject = {
	plugin: definePlugin({ manifest, ticket: { redeem } }),
	config: { appId: 'wx1', secret: 'canary' },
	endpoints: { api },
	call: (plugin, context) => plugin.ticket?.redeem({ ticket: 't', params: {} }, context),
	accept: (answer) => expect(answer).toEqual({ subject: 'o1', scope: 'wx1' }),
	reset: () => void (mode = 'good'),
	failures: [{ name: 'a used ticket', arrange: () => void (mode = 'used'), expected: { reason: 'refused' } }],
	hang: { arrange: () => void (mode = 'hang'), reached: () => new Promise((resolve) => (reached = resolve)) },
	malformed: { arrange: () => void (mode = 'html') },
};

describe('a good plugin', () => {
	for (const { name, run } of contractCases(good)) it(name, run);

	it('is tested in six cases', () => {
		expect(contractCases(good)).toHaveLength(6);
	});
});

const withRedeem = (other: Redeem): Partial<ContractSubject> => ({
	plugin: definePlugin({ manifest, ticket: { redeem: other } }),
});

describe('a bad one is caught', () => {
	it.each<[string, string, Partial<ContractSubject>]>([
		[
			'accepts settings without the secret',
			'settings',
			{
				plugin: definePlugin({
					manifest: { ...manifest, config: manifest.config.slice(0, 1) },
					ticket: { redeem },
				}),
			},
		],
		['accepts what it should refuse', 'settings', { refused: { 'a fine set': { appId: 'a', secret: 'b' } } }],
		[
			'logs its secret',
			'happy',
			withRedeem(async (input, context) => {
				context.log.info('with', { s: context.config['secret'] });
				return redeem(input, context);
			}),
		],
		[
			'throws its secret',
			'used ticket',
			withRedeem(async (_, { config }) => {
				throw new PluginFailure('refused', String(config['secret']));
			}),
		],
		['answers something else', 'happy', withRedeem(() => ({ subject: 'other', scope: 'x' }))],
		[
			'takes a used ticket for good',
			'used ticket',
			withRedeem((input, context) =>
				Promise.resolve(redeem(input, context)).catch(() => ({ subject: 'o1', scope: 'wx1' })),
			),
		],
		[
			'throws any error for it',
			'used ticket',
			withRedeem(async (_, { http }) => {
				throw new Error(textOf(await http('api')));
			}),
		],
		[
			'calls it unavailable',
			'used ticket',
			withRedeem(async () => {
				throw new PluginFailure('unavailable', 'x');
			}),
		],
		[
			'ignores nonsense',
			'nonsense',
			withRedeem(async (_, { http }) => {
				await http('api');
				return { subject: 'o1', scope: 'wx1' };
			}),
		],
		['is not tried with a hanging vendor', 'hanging', { hang: undefined }],
		['is not tried with nonsense', 'nonsense', { malformed: undefined }],
		[
			'calls what it did not declare',
			'happy',
			withRedeem(async (_, { http }) => {
				await http('other');
				return { subject: 'o1', scope: 'wx1' };
			}),
		],
		['would leave this machine', 'happy', { endpoints: { api: 'http://vendor.example' } }],
	])('%s', async (_, where, change) => {
		const cases = contractCases({ ...good, ...change }).filter(({ name }) => name.includes(where));
		expect(cases).toHaveLength(1);
		await expect(cases[0]?.run()).rejects.toThrow();
	});
});

describe('reading replies', () => {
	const of = (body: string) => ({ status: 200, headers: {}, body: new TextEncoder().encode(body) });

	it('takes JSON of the right shape, whatever its content type', () => {
		expect(jsonOf(of('{"openid":"汉字","more":1}'), reply)).toEqual({ openid: '汉字' });
	});

	it('names the field at fault, never its value', () => {
		const read = () => jsonOf(of('{"openid":{"session_key":"canary"}}'), reply);
		expect(read).toThrow(
			expect.objectContaining({
				reason: 'unavailable',
				message: expect.stringContaining('openid') as string,
			}),
		);
		expect(read).not.toThrow('canary');
		expect(() => jsonOf(of('canary'), reply)).not.toThrow('canary');
		expect(() => jsonOf(of('canary'), reply)).toThrow(PluginFailure);
	});
});
