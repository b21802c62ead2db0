/** A process of its own that runs one of our TypeScript files, line by line of what it says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const loader = new URL('../run-typescript.mjs', import.meta.url).href;

export interface Child {
	readonly process: ChildProcess;
	/** All lines so far. */
	readonly lines: string[];
	/** The first line that matches, now or later. @throws when the process ends without it */
	line(pattern: RegExp): Promise<string>;
	/** Kills it as `kill -9` does and waits until it is gone. */
	kill(): Promise<void>;
	readonly ended: Promise<number | null>;
}

export function runChild(script: string, args: readonly string[], prefix: readonly string[] = []): Child {
	const file = fileURLToPath(new URL(script, import.meta.url));
	const [command = '', ...rest] = [...prefix, process.execPath, '--import', loader, file, ...args];
	const started = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
	const lines: string[] = [];
	const listeners = new Set<() => void>();
	createInterface({ input: started.stdout }).on('line', (line) => {
		lines.push(line);
		for (const listener of listeners) listener();
	});
	// 'close' comes after the last line was read, 'exit' may come before.
	const ended = new Promise<number | null>((resolve) => started.on('close', (code) => resolve(code)));
	const kill = async () => {
		started.kill('SIGKILL');
		await ended;
	};
	onTestFinished(kill);
	const find = (pattern: RegExp) => lines.find((line) => pattern.test(line));
	const line = async (pattern: RegExp): Promise<string> => {
		const appeared = new Promise<void>((resolve) => listeners.add(() => find(pattern) && resolve()));
		if (!find(pattern)) await Promise.race([appeared, ended]);
		const found = find(pattern);
		if (found === undefined)
			throw new Error(`ended without ${String(pattern)}: ${lines.slice(-5).join(' | ')}`);
		return found;
	};
	return { process: started, lines, line, kill, ended };
}
