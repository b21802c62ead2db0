import { expect, it } from 'vitest';
import { configDocs } from './config-docs';

it('docs/config.md says what the appliance reads (else: npm run docs)', async () => {
	await expect(await configDocs()).toMatchFileSnapshot('../../docs/config.md');
});
