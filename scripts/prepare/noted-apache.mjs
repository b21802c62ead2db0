/** Which Apache httpd with mod_auth_openidc was found the last time: asked by the test that runs it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Apache
 * @property {string} program the server's file
 * @property {string} modules the folder of its modules
 * @property {string[]} libraries folders that the system's linker does not know; empty for an installed one
 */

/** @param {string} root the checkout */
export const apacheNoteOf = (root) => join(root, '.menshen', 'apache');

/**
 * @param {string} root the checkout
 * @returns {Apache | undefined} if it is still there
 */
export function notedApache(root) {
	try {
		const noted = /** @type {Apache} */ (JSON.parse(readFileSync(apacheNoteOf(root), 'utf8')));
		const files = [noted.program, join(noted.modules, 'mod_auth_openidc.so'), ...noted.libraries];
		return files.every((file) => existsSync(file)) ? noted : undefined;
	} catch {
		return undefined;
	}
}
