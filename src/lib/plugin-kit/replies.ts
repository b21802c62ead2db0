/** Reads a vendor's reply. Nothing of it is trusted before a schema has checked it. */
import type { z } from 'zod';
import type { HttpReply } from './context';
import { PluginFailure } from './failures';

/** The body as UTF-8 text. */
export function textOf(reply: HttpReply): string {
	return new TextDecoder().decode(reply.body);
}

/**
 * The body as JSON of the given shape, whatever the content type says (vendors say `text/plain`).
 * @throws {PluginFailure} `unavailable` when it is anything else; names the fields at fault, never their values.
 */
export function jsonOf<T>(reply: HttpReply, schema: z.ZodType<T>): T {
	let value: unknown;
	try {
		value = JSON.parse(textOf(reply));
	} catch {
		throw new PluginFailure('unavailable', `HTTP ${reply.status} with a body that is not JSON`);
	}
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	const fields = result.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
	throw new PluginFailure('unavailable', `HTTP ${reply.status} with an unexpected shape: ${fields}`);
}
