import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readInline, readMarkdown, type Block, type Inline } from './read-markdown';

const text = (value: string): Inline => ({ kind: 'text', text: value });
const paragraph = (value: string): Block => ({ kind: 'paragraph', content: [text(value)] });

describe('a line', () => {
	it('has code, stress and links', () => {
		expect(
			readInline('Copy `AppID` to **Settings** at <https://a.example/x>, _or_ [here](https://b.example).'),
		).toEqual([
			text('Copy '),
			{ kind: 'code', text: 'AppID' },
			text(' to '),
			{ kind: 'strong', text: 'Settings' },
			text(' at '),
			{ kind: 'link', text: 'https://a.example/x', href: 'https://a.example/x' },
			text(', '),
			{ kind: 'emphasis', text: 'or' },
			text(' '),
			{ kind: 'link', text: 'here', href: 'https://b.example' },
			text('.'),
		]);
	});

	it.each([
		['[x](javascript:alert(1))', 'javascript:'],
		['[x](JaVaScRiPt:alert)', 'javascript'],
		['[x](data:text/html,hi)', 'data'],
		['[x](../../docs/errors.md)', 'relative'],
		['[x](//evil.example)', 'no scheme'],
		['<javascript:alert(1)>', 'in brackets'],
	])('leads nowhere but to websites: %s', (line) => {
		expect(readInline(line).every(({ kind }) => kind === 'text')).toBe(true);
	});

	it('keeps markup as the text it is', () => {
		expect(readInline('<script>alert(1)</script> a_b_c `<img>`')).toEqual([
			text('<script>alert(1)</script> a_b_c '),
			{ kind: 'code', text: '<img>' },
		]);
	});
});

describe('a guide', () => {
	it('is headings, paragraphs, lists, tables and code', () => {
		const source = `# Title

One line
and another.

## Keys

1. First
   goes on
2. Second
   - within

| a | b |
| - | - |
| \`x\` | y \\| z |

\`\`\`json
{ "a": 1 }
\`\`\`
`;
		expect(readMarkdown(source)).toEqual([
			paragraph('One line and another.'),
			{ kind: 'heading', level: 2, content: [text('Keys')] },
			{
				kind: 'list',
				ordered: true,
				items: [
					[paragraph('First goes on')],
					[paragraph('Second'), { kind: 'list', ordered: false, items: [[paragraph('within')]] }],
				],
			},
			{
				kind: 'table',
				head: [[text('a')], [text('b')]],
				rows: [[[{ kind: 'code', text: 'x' }], [text('y | z')]]],
			},
			{ kind: 'code', text: '{ "a": 1 }' },
		]);
	});

	it.each(['', '\n\n', '```', '|', '- ', '#', '####### x', '| a |', '1.', '***', '|\n|'])(
		'that is hardly one ends: %j',
		(source) => expect(Array.isArray(readMarkdown(source))).toBe(true),
	);

	it.each([
		['brackets and marks', `${'[('.repeat(5000)}${'**`_'.repeat(5000)}`],
		['brackets', '['.repeat(64_000)],
		['code in a line', '`a` '.repeat(16_000)],
		['lists in lists', '- '.repeat(32_000)],
		[
			'lists in lists, line by line',
			Array.from({ length: 300 }, (_, at) => `${'  '.repeat(at)}- a`).join('\n'),
		],
		['paragraphs', 'a\n\n'.repeat(20_000)],
		['bars', '|\n'.repeat(32_000)],
		['code', '```\n'.repeat(16_000)],
	])('of nothing but %s is read in no time', (_, source) => {
		const from = performance.now();
		expect(JSON.stringify(readMarkdown(source)).length).toBeGreaterThan(0);
		expect(performance.now() - from).toBeLessThan(1000);
	});

	it('keeps what it does not parse', () => {
		const long = `${'a '.repeat(3000)}[here](https://b.example)`;
		expect(readMarkdown(long)).toEqual([paragraph(long)]);
		const [list] = readMarkdown(`${'- '.repeat(10)}[here](https://b.example)`);
		expect(JSON.stringify(list)).toContain('- - - ');
		expect(JSON.stringify(list)).toContain('"href":"https://b.example"');
	});
});

const plugins = join(import.meta.dirname, '../../../../../plugins');
const readmes = readdirSync(plugins, { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.flatMap(({ name }) =>
		['README.md', 'README.zh-CN.md'].map((file) => ({
			name: `${name}/${file}`,
			text: readFileSync(join(plugins, name, file), 'utf8'),
		})),
	);

/** What is shown of a block, as one text. */
const shown = (block: Block): string => JSON.stringify(block);

describe('the README', () => {
	it.each(readmes)('of $name leaves no Markdown mark unparsed', ({ text: source }) => {
		const blocks = readMarkdown(source);
		expect(blocks.length).toBeGreaterThan(1);
		for (const block of blocks.filter(({ kind }) => kind !== 'code'))
			expect(shown(block)).not.toMatch(/"text":"(?:#|\| |```)|\*\*|\]\(/);
	});
});
