/// <reference types="vite/client" />
/** One process that runs one operator's plugin: started confined, with two pipes to the host. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { z } from 'zod';
import type { Confinement } from './confinement';
import { BadFrame, encodeFrame, FrameReader } from './frames';
import { fromChildSchema, type FromChild, type ToChild } from './messages';

const scripts: Readonly<Record<string, string>> = import.meta.glob('./plugin-child/*.js', {
	eager: true,
	query: '?raw',
	import: 'default',
});
const scriptOf = (name: string): string => scripts[`./plugin-child/${name}.js`] ?? '';

/** Restrictions by Node itself. */
export const nodeFlags: readonly string[] = [
	'--permission',
	'--disallow-code-generation-from-strings',
	'--disable-sigusr1',
	'--no-addons',
	// The permission model does not know of files opened by SQLite.
	'--no-experimental-sqlite',
	'--no-warnings',
	'--max-old-space-size=192',
	'--max-semi-space-size=4',
];

/** No file is listed: the process may read none, not even its own code, which comes over the pipe. */
const nodeArguments = (): string[] => [
	...nodeFlags,
	'--input-type=module',
	'--import',
	`data:text/javascript;base64,${Buffer.from(scriptOf('lockdown')).toString('base64')}`,
	'--eval',
	scriptOf('shim'),
];

/** The most bytes of answers that the plugin asked for and has not read yet. */
const mostUnread = 128 * 1024 * 1024;

interface Ears {
	message(message: FromChild): void;
	/** Called once when the process has ended, for whatever reason. */
	gone(detail: string): void;
}

export interface Child {
	readonly pid: number;
	send(message: ToChild): void;
	/** Ends it at once. @param detail why, for operators */
	kill(detail: string): void;
	/** Resolves when the process is gone. */
	readonly ended: Promise<void>;
}

function endOf(code: number | null, signal: NodeJS.Signals | null, printed: string): string {
	const cause = printed.includes('heap out of memory') ? ': out of memory' : '';
	return `its process ended (${signal ?? `exit ${code}`})${cause}`;
}

const sensible = (result: z.ZodSafeParseResult<FromChild>): FromChild => {
	if (!result.success) throw new BadFrame('sent a message that makes no sense');
	return result.data;
};

function listen(child: ChildProcess, ears: Ears, kill: (detail: string) => void): void {
	const reader = new FrameReader();
	child.stdout?.on('data', (piece: Buffer) => {
		if (child.killed) return;
		try {
			for (const message of reader.push(piece)) ears.message(sensible(fromChildSchema.safeParse(message)));
		} catch (error) {
			// Whatever the process sent to cause this, only that process is ended.
			kill(
				error instanceof BadFrame ? error.message : `sent a message that cannot be taken: ${String(error)}`,
			);
		}
	});
}

export function startChild({ prefix }: Confinement, ears: Ears): Child {
	const [command = '', ...args] = [...prefix, process.execPath, ...nodeArguments()];
	const child = spawn(command, args, { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
	let why: string | undefined;
	let printed = '';
	const kill = (detail: string) => {
		why ??= detail;
		child.kill('SIGKILL');
	};
	listen(child, ears, kill);
	child.stderr.on('data', (piece: Buffer) => (printed = `${printed}${piece.toString()}`.slice(-4000)));
	// A broken pipe needs no handling: the end of the process follows.
	for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on('error', () => undefined);
	const ended = new Promise<string>((resolve) => {
		child.once('error', (error) => resolve(`its process cannot be started (${error.name})`));
		child.once('close', (code, signal) => resolve(endOf(code, signal, printed)));
	}).then((how) => ears.gone(why ?? how));
	return {
		pid: child.pid ?? 0,
		send(message) {
			child.stdin.write(encodeFrame(message));
			if (child.stdin.writableLength > mostUnread) kill('does not read what it asked for');
		},
		kill,
		ended,
	};
}
