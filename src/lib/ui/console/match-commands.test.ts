import { describe, expect, it } from 'vitest';
import { groupCommands, matchCommands } from './match-commands';
import type { Command } from './types';

const commands: Command[] = [
	{ text: 'Overview', href: '/', group: 'Pages' },
	{ text: 'Users', href: '/users', group: 'Pages', words: 'people accounts 用户' },
	{ text: 'Create user', href: '/users/new', group: 'Actions' },
	{ text: 'Audit', href: '/audit', group: 'Pages', words: 'log' },
];
const found = (typed: string) => matchCommands(commands, typed).map(({ text }) => text);

describe('matchCommands', () => {
	it('shows all when nothing is typed', () => {
		expect(found('  ')).toHaveLength(4);
	});

	it('puts names that start with it first', () => {
		expect(found('user')).toEqual(['Users', 'Create user']);
	});

	it('finds by other words, by heading and in full width', () => {
		expect(found('log')).toEqual(['Audit']);
		expect(found('用户')).toEqual(['Users']);
		expect(found('actions')).toEqual(['Create user']);
		expect(found('ｕｓｅｒｓ')).toContain('Users');
	});

	it('wants every word', () => {
		expect(found('create audit')).toEqual([]);
		expect(found('USER create')).toEqual(['Create user']);
	});
});

describe('groupCommands', () => {
	it('keeps the order of headings and items', () => {
		expect(groupCommands(commands).map(({ name, items }) => [name, items.length])).toEqual([
			['Pages', 3],
			['Actions', 1],
		]);
	});

	it('shows an address once', () => {
		const twice = [...commands, { text: 'Lin', href: '/users', group: 'Users' }];
		expect(groupCommands(twice).flatMap(({ items }) => items)).toHaveLength(4);
	});
});
