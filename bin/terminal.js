/** Asking and answering at a terminal. */
import { randomBytes } from 'node:crypto';
import { stdin, stderr, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export async function readStdin() {
	/** @type {Buffer[]} */
	const chunks = [];
	for await (const chunk of stdin) chunks.push(chunk);
	return Buffer.concat(chunks).toString();
}

/** @param {string} question @param {{ hidden?: boolean }} [options] */
async function ask(question, { hidden = false } = {}) {
	stderr.write(question);
	// Echoes nothing while hidden: readline writes what is typed to its output.
	const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : stderr;
	const lines = createInterface({ input: stdin, output, terminal: true });
	try {
		return await lines.question('');
	} finally {
		lines.close();
		if (hidden) stderr.write('\n');
	}
}

/** 100 bits in groups that can be read aloud. */
function makePassword() {
	const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
	const letters = [...randomBytes(20)].map((byte) => alphabet[byte & 31]);
	return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join('')).join('-');
}

/**
 * From stdin, from a hidden prompt, or made here where nobody can be asked.
 * @param {{ passwordStdin?: boolean }} options
 * @returns {Promise<{ password: string, made: boolean }>}
 */
export async function choosePassword({ passwordStdin }) {
	if (passwordStdin) return { password: (await readStdin()).replace(/\r?\n$/, ''), made: false };
	const typed = stdin.isTTY ? await ask('Password (empty: one is made): ', { hidden: true }) : '';
	return typed ? { password: typed, made: false } : { password: makePassword(), made: true };
}

/** On a terminal the person types what is to be destroyed; a script has said so by running the command. @param {string} what */
export async function isConfirmed(what) {
	if (!stdin.isTTY) return true;
	return (await ask(`Type ${what} to go on: `)).trim() === what;
}

/** @param {unknown} value */
export function printJson(value) {
	stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** @param {string} text */
export function printLine(text) {
	stdout.write(`${text}\n`);
}
