/**
 * The little Markdown that a plugin's README is written in, read into pieces that are drawn as text: whatever it
 * contains, nothing becomes HTML. Unknown syntax stays as it was written. It may be from a plugin that is not
 * approved yet, so the amount that is read has limits.
 */

export type Inline =
	| { kind: 'text' | 'code' | 'strong' | 'emphasis'; text: string }
	/** Links lead to websites only. */
	| { kind: 'link'; text: string; href: string };

export type Block =
	| { kind: 'heading'; level: 2 | 3; content: Inline[] }
	| { kind: 'paragraph'; content: Inline[] }
	| { kind: 'list'; ordered: boolean; items: Block[][] }
	| { kind: 'table'; head: Inline[][]; rows: Inline[][][] }
	| { kind: 'code'; text: string };

/** Guides have some hundred lines, and lists in lists. */
const mostLines = 2000;
const deepest = 6;
/** Of one paragraph; what follows is plain text. */
const mostCharacters = 4000;

const inlineShapes = [
	{ kind: 'code', shape: /`([^`]+)`/ },
	{ kind: 'strong', shape: /\*\*([^*]+)\*\*/ },
	{ kind: 'emphasis', shape: /(?<![\w*])[*_]([^*_]+)[*_](?![\w*])/ },
	{ kind: 'address', shape: /<(https?:\/\/[^\s<>]+)>/ },
	{ kind: 'link', shape: /\[([^\]]+)\]\(([^()\s]+)\)/ },
] as const;

const isWebsite = (address: string): boolean => /^https?:\/\//i.test(address) && URL.canParse(address);

function pieceOf(kind: (typeof inlineShapes)[number]['kind'], match: RegExpExecArray): Inline {
	const [, text = '', href = ''] = match;
	if (kind === 'address') return { kind: 'link', text, href: text };
	if (kind !== 'link') return { kind, text };
	return isWebsite(href) ? { kind, text, href } : { kind: 'text', text };
}

export function readInline(source: string): Inline[] {
	const pieces: Inline[] = [];
	let rest = source.slice(0, mostCharacters);
	const unread = source.slice(mostCharacters);
	while (rest) {
		const found = inlineShapes
			.flatMap(({ kind, shape }) => {
				const match = shape.exec(rest);
				return match ? [{ kind, match }] : [];
			})
			.sort((a, b) => a.match.index - b.match.index)[0];
		if (!found) break;
		const { kind, match } = found;
		if (match.index > 0) pieces.push({ kind: 'text', text: rest.slice(0, match.index) });
		pieces.push(pieceOf(kind, match));
		rest = rest.slice(match.index + match[0].length);
	}
	return rest || unread ? [...pieces, { kind: 'text', text: `${rest}${unread}` }] : pieces;
}

const itemShape = /^(?:[-*]|\d+\.) +/;
const headingShape = /^(#{1,6}) +(.*)$/;

const cellsOf = (line: string): string[] =>
	line
		.trim()
		.replace(/^\||\|$/g, '')
		.split(/(?<!\\)\|/)
		.map((cell) => cell.trim().replace(/\\\|/g, '|'));

const isTable = ([head = '', rule = '']: readonly string[]): boolean =>
	head.startsWith('|') && /^\|[\s|:-]+\|$/.test(rule.trim());

interface Taken {
	block?: Block;
	/** How many lines it took. */
	lines: number;
}

const whileTrue = (lines: readonly string[], test: (line: string) => boolean): string[] => {
	const end = lines.findIndex((line) => !test(line));
	return lines.slice(0, end < 0 ? lines.length : end);
};

function takeCode(lines: readonly string[]): Taken {
	const body = whileTrue(lines.slice(1), (line) => !line.startsWith('```'));
	return { block: { kind: 'code', text: body.join('\n') }, lines: body.length + 2 };
}

function takeTable(lines: readonly string[]): Taken {
	const own = whileTrue(lines, (line) => line.startsWith('|'));
	const [head = '', , ...rows] = own;
	const read = (line: string) => cellsOf(line).map(readInline);
	return { block: { kind: 'table', head: read(head), rows: rows.map(read) }, lines: own.length };
}

/** An item goes on where a line is indented, and ends before the next one. */
function takeList(lines: readonly string[], depth: number): Taken {
	const own = whileTrue(lines, (line) => line.trim() === '' || /^\s/.test(line) || itemShape.test(line));
	const items: string[][] = [];
	for (const line of own)
		if (itemShape.test(line)) items.push([line.replace(itemShape, '')]);
		else items.at(-1)?.push(line.replace(/^ {2,3}/, ''));
	const ordered = /^\d/.test(own[0] ?? '');
	return {
		block: { kind: 'list', ordered, items: items.map((item) => readBlocks(item, depth + 1)) },
		lines: own.length,
	};
}

function takeHeading(match: RegExpExecArray): Taken {
	const [, marks = '', text = ''] = match;
	// The page has its title already.
	if (marks.length === 1) return { lines: 1 };
	return {
		block: { kind: 'heading', level: marks.length === 2 ? 2 : 3, content: readInline(text) },
		lines: 1,
	};
}

function takeParagraph(lines: readonly string[]): Taken {
	const own = whileTrue(
		lines,
		(line) => line.trim() !== '' && !/^(?:#|```|\|)/.test(line) && !itemShape.test(line),
	);
	const taken = own.length > 0 ? own : lines.slice(0, 1);
	const content = readInline(taken.map((line) => line.trim()).join(' '));
	return { block: { kind: 'paragraph', content }, lines: taken.length };
}

function take(lines: readonly string[], depth: number): Taken {
	const [first = ''] = lines;
	if (first.trim() === '') return { lines: 1 };
	const heading = headingShape.exec(first);
	if (heading) return takeHeading(heading);
	if (first.startsWith('```')) return takeCode(lines);
	if (isTable(lines)) return takeTable(lines);
	return itemShape.test(first) && depth < deepest ? takeList(lines, depth) : takeParagraph(lines);
}

function readBlocks(source: readonly string[], depth: number): Block[] {
	const blocks: Block[] = [];
	for (let at = 0; at < source.length;) {
		const { block, lines } = take(source.slice(at), depth);
		if (block) blocks.push(block);
		at += lines;
	}
	return blocks;
}

export const readMarkdown = (text: string): Block[] => readBlocks(text.split(/\r?\n/).slice(0, mostLines), 0);
