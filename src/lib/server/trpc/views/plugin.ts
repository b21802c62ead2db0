import { z } from 'zod';
import { kinds } from '../../../plugin-kit';

const value = z.union([z.string(), z.number(), z.boolean()]);

const health = z.object({
	state: z.enum(['unknown', 'ok', 'failing', 'open']),
	detail: z.string().optional(),
	at: z.number().optional(),
});

/** A plugin in a list. Its settings are in its form. */
export const pluginView = z.object({
	id: z.string(),
	name: z.string(),
	description: z.string(),
	kinds: z.array(z.enum(kinds)).readonly(),
	/** The channels that a sender delivers. */
	channels: z.array(z.enum(['email', 'sms'])).readonly(),
	enabled: z.boolean(),
	/** Whether every required setting has a value. */
	configured: z.boolean(),
	/** Settings that come from the appliance. */
	inherited: z.array(z.string()).readonly(),
	position: z.number(),
	/** True where the sender may not be chosen under this ORIGIN. */
	forbidden: z.boolean(),
	/** Only of an operator's own plugin: whether an owner approved its code. */
	external: z.enum(['found', 'approved', 'changed']).optional(),
	health,
});

/** Operators' own plugins, for owners to review. */
export const externalListView = z.object({
	plugins: z
		.array(
			z.object({
				id: z.string(),
				state: z.enum(['found', 'approved', 'changed', 'broken']),
				problem: z.string().optional(),
				name: z.string(),
				description: z.string(),
				version: z.string(),
				kinds: z.array(z.enum(kinds)).readonly(),
				/** `any`: every public address. */
				reaches: z.array(z.object({ kind: z.enum(['host', 'setting', 'any']), text: z.string() })).readonly(),
				/** SHA-256 over its files, in hex. */
				digest: z.string(),
				approvedAt: z.number().optional(),
				health,
				running: z.boolean(),
			}),
		)
		.readonly(),
	/** Whether the operating system blocks their processes' network. */
	noNetwork: z.boolean(),
});

/** A form to draw. Secrets are never in it: their `value` is null. */
export const pluginFormView = z.object({
	id: z.string(),
	name: z.string(),
	description: z.string(),
	enabled: z.boolean(),
	fields: z
		.array(
			z.object({
				key: z.string(),
				type: z.string(),
				label: z.string(),
				help: z.string(),
				required: z.boolean(),
				secret: z.boolean(),
				options: z.array(z.object({ value: z.string(), label: z.string() })).readonly(),
				showWhen: z.object({ key: z.string(), equals: value }).optional(),
				min: z.number().optional(),
				max: z.number().optional(),
				maxLength: z.number(),
				value: value.nullable(),
				effective: value.nullable(),
				source: z.enum(['own', 'appliance', 'default', 'unset']),
			}),
		)
		.readonly(),
	/** The hosts it may call; `*` for any public one. */
	reaches: z.array(z.string()).readonly(),
});

/** The result of a self-test. `code` and `detail` are the fault, for an operator. */
export const selfTestView = z.object({
	ok: z.boolean(),
	ms: z.number(),
	code: z.string().optional(),
	message: z.string().optional(),
	detail: z.string().optional(),
});
