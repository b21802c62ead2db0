import { describe, expect, it } from 'vitest';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import plugin from './index.server';

const message = {
	id: 'm1',
	channel: 'email',
	purpose: 'recover',
	to: 'an@example.com',
	subject: 'Hi',
	text: 'code 123456',
	params: {},
	locale: 'en',
} as const;

describe('outbox', () => {
	for (const { name, run } of contractCases({
		plugin,
		config: {},
		call: (each, context) => each.sender?.deliver(message, context),
		accept: (answer) => expect(answer).toEqual({ status: 'held' }),
		secrets: ['123456'],
	}))
		it(name, run);

	it('is for trying out only, for both channels', () => {
		expect(plugin.manifest.trial).toBe(true);
		expect(plugin.manifest.channels).toEqual(['email', 'sms']);
	});
});
