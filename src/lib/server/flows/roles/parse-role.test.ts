import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../contract/errors';
import { parseRole } from './parse-role';

const faults = (input: Parameters<typeof parseRole>[0]): unknown => {
	try {
		return parseRole(input);
	} catch (error) {
		return error instanceof Refusal ? { code: error.code, fields: error.fields } : error;
	}
};
const role = { id: 'editor', name: 'Editor', permissions: ['post.write'] };

describe('a role as typed', () => {
	it('is taken', () => expect(parseRole(role)).toEqual(role));
	it('is called by its id when it has no name', () =>
		expect(parseRole({ ...role, name: '  ' }).name).toBe('editor'));
	it.each(['', 'two words', 'a'.repeat(65), '编辑', '<b>'])('is refused with the id "%s"', (id) =>
		expect(faults({ ...role, id })).toEqual({ code: 'input/invalid', fields: { id: 'input/invalid' } }),
	);
	it('is refused with a permission that is too long', () =>
		expect(faults({ ...role, permissions: ['x'.repeat(129)] })).toEqual({
			code: 'input/invalid',
			fields: { permissions: 'input/invalid' },
		}));
});
