/**
 * The description of a plugin: data only, in `manifest.json`. The host lists plugins, shows their forms and limits
 * their calls by this alone, before any of their code runs (docs/plugins.md).
 */
import { z } from 'zod';

/** The languages every text exists in. */
export type Locale = 'en' | 'zh-CN';

/** One text in both languages. */
const localisedSchema = z.strictObject({
	en: z.string().min(1).max(600),
	'zh-CN': z.string().min(1).max(600),
});

export const kinds = ['secret', 'code', 'redirect', 'ticket', 'scan', 'ceremony', 'sender'] as const;
export type Kind = (typeof kinds)[number];

/** The major version of this kit: a plugin built for another one is refused at the start. */
const kitVersion = 1;

/** Vendors' own browsers, and kinds of device. */
export const places = ['wechat', 'dingtalk', 'alipay', 'mobile', 'desktop'] as const;
export type Place = (typeof places)[number];
const place = z.enum(places);

const key = z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/);
const httpsUrl = z.url({ protocol: /^https$/ }).max(2048);

/**
 * An address the plugin may call. Nothing else is reachable.
 * - a string: this https address, and paths below it;
 * - `fromConfig`: the address the operator gave in that config field; with `origin`, all of its host;
 * - `anyPublic`: any public https address (WebID); shown to operators as a warning;
 * - `connect`: a TCP connection to the host and port in those config fields (senders only).
 */
const endpointSchema = z.union([
	httpsUrl,
	z.strictObject({ fromConfig: key, origin: z.literal(true).optional() }),
	z.strictObject({ anyPublic: z.literal(true) }),
	z.strictObject({ connect: z.strictObject({ host: key, port: key }) }),
]);
export type EndpointDeclaration = z.output<typeof endpointSchema>;

/** The config fields that hold the endpoint's address: none, the address, or host and port. */
export function configKeysOf(endpoint: EndpointDeclaration): string[] {
	if (typeof endpoint === 'string' || 'anyPublic' in endpoint) return [];
	return 'connect' in endpoint ? [endpoint.connect.host, endpoint.connect.port] : [endpoint.fromConfig];
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const configFieldSchema = z.strictObject({
	key,
	type: z.enum(['text', 'textarea', 'integer', 'boolean', 'select', 'url', 'email', 'host']),
	label: localisedSchema,
	help: localisedSchema.optional(),
	required: z.boolean().default(false),
	/** Write-only: never shown again, never logged. */
	secret: z.boolean().default(false),
	default: scalar.optional(),
	/** Shown (and required) only while another field has this value. */
	showWhen: z.strictObject({ key, equals: scalar }).optional(),
	/** The choices of a `select`. */
	options: z.array(z.strictObject({ value: z.string().min(1), label: localisedSchema })).default([]),
	/** Bounds of an `integer`; longest text in characters. */
	min: z.int().optional(),
	max: z.int().optional(),
	maxLength: z.int().min(1).max(20_000).default(500),
	/** The name under which OAuthApp's wire format knows this setting, and whether it is shown there. */
	code: z.string().max(80).optional(),
	public: z.boolean().default(false),
});
export type ConfigField = z.output<typeof configFieldSchema>;

const shape = z.strictObject({
	/** The same as the folder's name. */
	id: z
		.string()
		.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
		.max(40),
	version: z.string().regex(/^\d+\.\d+\.\d+$/),
	kit: z.literal(kitVersion),
	kinds: z.array(z.enum(kinds)).min(1),
	name: localisedSchema,
	description: localisedSchema,
	/** The kind of identifier that this connector proves. */
	identifier: z.enum(['username', 'email', 'phone', 'external']).optional(),
	/**
	 * The issuer of the subjects: connectors of one authority share them (the connectors of WeChat).
	 * Default: the plugin's id. A plugin of an operator is always its own authority.
	 */
	authority: z
		.string()
		.regex(/^[a-z][a-z0-9-]{0,39}$/)
		.optional(),
	/** The config field with the name that people read where it is set, instead of the plugin's own. */
	nameFrom: key.optional(),
	/** The label of what a person types before a redirect begins (their WebID). */
	asks: localisedSchema.optional(),
	/** How the sign-in page shows it. */
	display: z.enum(['form', 'redirect', 'qr', 'button']).optional(),
	/** Browsers and devices where it is useful; empty: everywhere. */
	fits: z.array(place).default([]),
	/**
	 * The config field without which it cannot work in this place (WeChat's own browser needs the official
	 * account). In a vendor's own browser that `fits` names, that place counts and the device does not.
	 */
	fitsWith: z.partialRecord(place, key).default({}),
	/** Authentication method references (RFC 8176) that a success adds. */
	amr: z.array(z.string().regex(/^[a-z]{2,16}$/)).default([]),
	/** What a sender delivers. */
	channels: z.array(z.enum(['email', 'sms'])).default([]),
	endpoints: z.record(key, endpointSchema).default({}),
	config: z.array(configFieldSchema).default([]),
	/** Other things that must be set up, e.g. `sender:sms`. */
	needs: z.array(z.enum(['sender:email', 'sender:sms'])).default([]),
	/** Only for trials: cannot be chosen under an https ORIGIN unless ALLOW_OUTBOX is set. */
	trial: z.boolean().default(false),
	limits: z
		.strictObject({
			/** Longest run of one function. */
			timeoutMs: z.int().min(100).max(30_000).default(4_500),
			/** Largest reply after decompression. */
			maxReplyBytes: z.int().min(1024).max(5_000_000).default(1_000_000),
			/** The most calls at once, where the plugin has endpoints. */
			concurrency: z.int().min(1).max(256).default(32),
		})
		.prefault({}),
});

type Shape = z.output<typeof shape>;

function* fieldProblems({ config }: Shape): Generator<string> {
	if (new Set(config.map(({ key }) => key)).size < config.length) yield 'config: a key stands twice';
	for (const { key, showWhen, type, options, secret, ...field } of config) {
		if (showWhen && !config.some((other) => other.key === showWhen.key))
			yield `config.${key}: showWhen names no field`;
		if ((type === 'select') !== options.length > 0) yield `config.${key}: options belong to a select`;
		if (secret && (field.public || field.default !== undefined))
			yield `config.${key}: a secret is neither public nor preset`;
	}
}

function* endpointProblems({ config, endpoints, kinds: named }: Shape): Generator<string> {
	for (const [name, endpoint] of Object.entries(endpoints)) {
		const used = configKeysOf(endpoint);
		if (!used.every((each) => config.some(({ key }) => key === each)))
			yield `endpoints.${name}: names no config field`;
		if (used.length > 1 && !named.includes('sender')) yield `endpoints.${name}: connect is for senders`;
	}
}

function* placeProblems({ config, fitsWith }: Shape): Generator<string> {
	for (const [where, needed] of Object.entries(fitsWith))
		if (!config.some(({ key }) => key === needed)) yield `fitsWith.${where}: names no config field`;
}

function* nameProblems({ config, nameFrom }: Shape): Generator<string> {
	if (nameFrom === undefined) return;
	const field = config.find(({ key }) => key === nameFrom);
	if (field?.type !== 'text' || field.secret) yield 'nameFrom: names no text that may be shown';
}

function* problemsOf(manifest: Shape): Generator<string> {
	yield* fieldProblems(manifest);
	yield* nameProblems(manifest);
	yield* endpointProblems(manifest);
	yield* placeProblems(manifest);
	const { kinds: named, channels } = manifest;
	if (named.includes('sender') !== channels.length > 0) yield 'channels: a sender names what it delivers';
	if (named.includes('scan') && !named.includes('ticket')) yield 'kinds: scan builds on ticket';
}

/** Reads a `manifest.json`: unknown names, missing texts and dangling references are refused. */
export const manifestSchema = shape.superRefine((manifest, context) => {
	for (const message of problemsOf(manifest)) context.addIssue({ code: 'custom', message });
});
export type Manifest = z.output<typeof manifestSchema>;
