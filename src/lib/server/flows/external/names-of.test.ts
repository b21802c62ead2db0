import { expect, it } from 'vitest';
import { manifestSchema } from '../../../plugin-kit';
import manifest from '../../../../../plugins/wechat-app/manifest.json';
import { identityDraftOf } from './names-of';

const called = (name?: string) => {
	const profile = name === undefined ? {} : { name };
	return identityDraftOf(manifestSchema.parse(manifest), { subject: 's', scope: 'x', also: [], profile })
		.name;
};

it.each([
	['梅', '梅'],
	[' two\r\nlines ', 'two lines'],
	['\u202eevil\u202c\0', 'evil'],
	['👩'.repeat(100), '👩'.repeat(80)],
	[undefined, ''],
])('a vendor’s nickname %j is kept as %j', (given, kept) => {
	expect(called(given)).toBe(kept);
});
