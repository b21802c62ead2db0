/** Which browser was found the last time: asked by the tests, so that they need not look for it. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} root the checkout */
export const noteOf = (root) => join(root, '.menshen', 'browser');

/**
 * @param {string} root the checkout
 * @returns {string | undefined} the browser's file, if it is still there and CHROME_PATH names no other
 */
export function notedBrowser(root) {
	try {
		const file = readFileSync(noteOf(root), 'utf8').trim();
		const overruled = process.env.CHROME_PATH && process.env.CHROME_PATH !== file;
		return !overruled && statSync(file).isFile() ? file : undefined;
	} catch {
		return undefined;
	}
}
