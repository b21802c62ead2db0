/** The messages between the host and a plugin's process. Everything from the process is validated. */
import { z } from 'zod';
import { kinds, type ConfigValues, type Kind, type Locale } from '../../../plugin-kit';

/** Which function of the plugin. */
export interface Order {
	kind: Kind | 'selfTest' | 'config';
	name: string;
	input: unknown;
}

export interface Refused {
	reason: 'unavailable' | 'config';
	message: string;
	/** Error codes of its causes, for the kit to tell "never sent" from "perhaps sent". */
	links: readonly { code?: string; kind?: string }[];
}

export type ToChild =
	| { type: 'load'; id: string; source: string }
	| (Order & {
			type: 'call';
			call: number;
			config: ConfigValues;
			locale: Locale;
			/** In ms since 1970. */
			now: number;
			/** URLs of its http endpoints, for addresses that a browser is sent to. */
			addresses: Readonly<Record<string, string>>;
	  })
	| { type: 'reply'; request: number; value: unknown }
	| { type: 'reply'; request: number; failure: Refused }
	| { type: 'abort'; call: number };

const number = z.int().min(0);
const failure = {
	name: z.string().max(60),
	message: z.string().max(500),
	reason: z.enum(['unavailable', 'refused', 'cancelled', 'unserved', 'config']).optional(),
	counts: z.boolean().optional(),
	retry: z.boolean().optional(),
	certain: z.boolean().optional(),
	retryAfter: number.optional(),
	/** The request through the host that failed. */
	request: number.optional(),
};

export const fromChildSchema = z.discriminatedUnion('type', [
	z.strictObject({ type: z.literal('loaded'), kinds: z.array(z.enum(kinds)).max(kinds.length) }),
	z.strictObject({ type: z.literal('broken'), ...failure }),
	z.strictObject({ type: z.literal('result'), call: number, value: z.unknown().optional() }),
	z.strictObject({ type: z.literal('failure'), call: number, ...failure }),
	z.strictObject({ type: z.literal('aborted'), call: number }),
	/** An error was thrown outside of any call. */
	z.strictObject({ type: z.literal('crashed'), name: z.string().max(60) }),
	z.strictObject({
		type: z.literal('http'),
		call: number,
		request: number,
		endpoint: z.string().max(80),
		options: z.unknown(),
	}),
	z.strictObject({
		type: z.literal('log'),
		call: number,
		level: z.enum(['info', 'warn', 'error']),
		message: z.string(),
		fields: z.unknown().optional(),
	}),
]);
export type FromChild = z.output<typeof fromChildSchema>;
export type ToldFailure = Extract<FromChild, { type: 'failure' }>;

const texts = z.record(z.string().max(200), z.string().max(16_000));

/** The plugin's request, in the form that guarded fetch accepts. */
export const httpRequestSchema = z.strictObject({
	method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
	path: z.string().max(8192).optional(),
	url: z.string().max(8192).optional(),
	query: texts.optional(),
	headers: texts.optional(),
	json: z.unknown().optional(),
	form: texts.optional(),
	body: z.union([z.string(), z.instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array)]).optional(),
	redirects: z.int().min(0).max(5).optional(),
});
