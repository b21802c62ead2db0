/** Which commands fit what was typed: every word must occur, the start of a name counts most. */
import type { Command } from './types';

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

function rank(command: Command, words: readonly string[]): number {
	const name = folded(command.text);
	const all = `${name} ${folded(command.words ?? '')} ${folded(command.group)}`;
	if (!words.every((word) => all.includes(word))) return -1;
	const [first = ''] = words;
	if (name.startsWith(first)) return 2;
	return name.includes(first) ? 1 : 0;
}

/** The fitting ones, best first, otherwise in the order given. Nothing typed: all. */
export function matchCommands(commands: readonly Command[], typed: string): Command[] {
	const words = folded(typed).split(/\s+/).filter(Boolean);
	return commands
		.map((command) => ({ command, rank: rank(command, words) }))
		.filter((one) => one.rank >= 0)
		.sort((a, b) => b.rank - a.rank)
		.map(({ command }) => command);
}

/** By heading, in the order of first appearance; an address appears once. */
export function groupCommands(commands: readonly Command[]): { name: string; items: Command[] }[] {
	const groups = new Map<string, Command[]>();
	const seen = new Set<string>();
	for (const command of commands) {
		if (seen.has(command.href)) continue;
		seen.add(command.href);
		groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
	}
	return [...groups].map(([name, items]) => ({ name, items }));
}
