/** The contract suite needs no framework but Node's own: `node --test contract.mjs`. */
import { after, test } from 'node:test';
import { contractCases } from '@menshen/plugin-kit/contract-suite';
import { startEmulator } from './emulator.ts';
import plugin from './index.server.ts';

const acme = await startEmulator();
after(() => acme.close());

const cases = contractCases({
	plugin,
	config: { ...acme.config, server: acme.url },
	endpoints: { server: acme.url },
	secrets: ['mei-ticket'],
	call: ({ ticket }, context) => ticket?.redeem({ ticket: 'mei-ticket', params: {} }, context),
	accept(answer) {
		if (answer.subject !== 'acme-7') throw new Error('not Mei');
	},
	reset: () => acme.reset(),
	failures: [
		{ name: 'a bad ticket', arrange: () => acme.fail('bad code'), expected: { reason: 'refused' } },
		{ name: 'a bad secret', arrange: () => acme.fail('bad client'), expected: { reason: 'config' } },
	],
	hang: { arrange: () => acme.fail('hang'), reached: () => acme.reached() },
	malformed: { arrange: () => acme.fail('nonsense') },
});
for (const { name, run } of cases) void test(name, run);
