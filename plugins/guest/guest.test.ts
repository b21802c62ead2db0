import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { externalSubjectSchema, PluginFailure } from '@menshen/plugin-kit';
import { contextFor, thrownBy } from '@menshen/plugin-kit/context-under-test';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import plugin from './index.server';

const fingerprint = '0123456789abcdef0123456789abcdef';
const subject = createHash('sha256').update(fingerprint).digest('hex');

describe('guest', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: {},
		call: (each, context) => each.ticket?.redeem({ ticket: fingerprint, params: {} }, context),
		accept: (answer) => {
			expect(answer).toEqual({ subject, scope: 'web', profile: { name: '访客' } });
			expect(externalSubjectSchema.parse(answer)).toMatchObject({ also: [] });
		},
		failures: [
			'',
			fingerprint.slice(1),
			`${fingerprint}0`,
			`${fingerprint}\n`,
			fingerprint.replace('f', 'g'),
		].map((ticket) => ({
			name: `${JSON.stringify(ticket)} is refused`,
			arrange: () => undefined,
			call: (each, context) => each.ticket?.redeem({ ticket, params: {} }, context),
			expected: { reason: 'refused' as const },
		})),
		secrets: [fingerprint],
	}))
		it(name, run);
});

const redeem = async (ticket: string, params: Record<string, string> = {}) =>
	plugin.ticket?.redeem({ ticket, params }, contextFor(plugin));

describe('a guest', () => {
	it('is the same however the digits are written', async () => {
		expect(await redeem(fingerprint.toUpperCase())).toMatchObject({ subject, scope: 'web' });
	});

	it('is another with one digit changed', async () => {
		expect(await redeem(fingerprint.replace(/^0/, '1'))).not.toMatchObject({ subject });
	});

	it.each(['0', 'f', 'A'])('is refused where the library gives %s over and over', async (digit) => {
		expect(await thrownBy(() => redeem(digit.repeat(32)))).toBeInstanceOf(PluginFailure);
	});

	it('is identified by the fingerprint, whatever else is sent', async () => {
		const params = {
			unionID: 'somebody-else',
			subject: 'x',
			scope: 'unionid',
			nickName: 'Root',
			email: 'a@example.com',
		};
		expect(await redeem(fingerprint, params)).toEqual({ subject, scope: 'web', profile: { name: 'Guest' } });
	});

	it('is named a guest, in the language of the page', async () => {
		const answer = await plugin.ticket?.redeem(
			{ ticket: fingerprint, params: {} },
			contextFor(plugin, { locale: 'zh-CN' }),
		);
		expect(answer?.profile).toEqual({ name: '访客' });
	});

	it('proves nothing, and claims nothing', () => {
		expect(plugin.manifest.amr).toEqual([]);
		expect(plugin.manifest.trial).toBe(false);
		expect(plugin.manifest.description.en).toContain('no secret');
	});
});
