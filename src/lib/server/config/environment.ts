/**
 * The environment, read once. An unknown `MENSHEN_*` name or a bad value stops the start with one line.
 * docs/config.md is generated from this table (`npm run docs`).
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const flag = z.enum(['1', 'true', '0', 'false', '']).transform((value) => value === '1' || value === 'true');
const list = z.string().transform((value) =>
	value
		.split(',')
		.map((part) => part.trim())
		.filter(Boolean),
);
const networks = list.refine(
	(all) => all.every((one) => ipaddr.isValid(one) || ipaddr.isValidCIDR(one)),
	'must be addresses or CIDRs, separated by commas',
);
const masterKey = z.string().transform((value, context) => {
	const bytes = Buffer.from(value.trim(), 'base64');
	if (bytes.length !== 32) context.addIssue({ code: 'custom', message: 'must be 32 bytes in base64' });
	return bytes;
});
const origin = z.string().transform((value, context) => {
	const url = URL.canParse(value) ? new URL(value) : undefined;
	if (
		!url ||
		!['http:', 'https:'].includes(url.protocol) ||
		url.pathname !== '/' ||
		url.search ||
		url.hash ||
		url.username
	)
		context.addIssue({
			code: 'custom',
			message: 'must be a scheme and host only, e.g. https://id.example.com',
		});
	return url?.origin ?? '';
});
/** Hosts separated by commas, which libpq accepts and the driver reads as one odd name. */
const severalHosts =
	/^postgres(?:ql)?:\/\/(?:(?:[^/?#]*@)?[^/?#@]*,[^/?#@]*(?:[/?#]|$)|[^#]*[?&]host=[^&#]*(?:,|%2c))/i;
const databaseUrl = z
	.string()
	.refine((value) => !severalHosts.test(value), 'several hosts are not supported: name one')
	.pipe(z.url({ protocol: /^postgres(ql)?$/, error: 'must be postgres://user:password@host:port/database' }));
const endpoints = z.string().transform((value, context) => {
	try {
		return z.record(z.string(), z.url()).parse(JSON.parse(value));
	} catch {
		context.addIssue({ code: 'custom', message: 'must be JSON: {"<plugin>.<endpoint>": "url"}' });
		return {};
	}
});

/**
 * Name → how to read it, what it means. `secret` values may also come from a file, `<NAME>_FILE`. A variable marked
 * `later` is checked and has no effect yet; setting it brings a warning at the start.
 */
export const variables = {
	PORT: { schema: wholeNumber(0, 65_535).default(3000), about: 'The port to listen on.' },
	HOST: { schema: z.string().default('0.0.0.0'), about: 'The address to listen on.' },
	ORIGIN: {
		schema: origin.optional(),
		about:
			'The public URL; every link, issuer, cookie and redirect is built from it. Default `http://localhost:$PORT`.',
	},
	DATA_DIR: {
		schema: z
			.string()
			.default('./data')
			.transform((path) => resolve(path)),
		about: 'Where control.db, apps/<id>/app.db and master.key are kept.',
	},
	DATABASE_URL: {
		schema: databaseUrl.optional(),
		about: 'Unset: SQLite in DATA_DIR. `postgres://…`: PostgreSQL, one host.',
		secret: true,
	},
	MASTER_KEY: {
		schema: masterKey.optional(),
		about: '32 bytes in base64. Made on the first start with SQLite, required with DATABASE_URL.',
		secret: true,
	},
	OPERATOR_EMAIL: {
		schema: z.email().optional(),
		about: 'Creates the first operator at the first start, together with OPERATOR_PASSWORD.',
	},
	OPERATOR_PASSWORD: {
		schema: z.string().min(8).optional(),
		about: 'Password of that operator.',
		secret: true,
	},
	MENSHEN_APPLY: { schema: z.string().optional(), about: 'A YAML file applied at each start.' },
	S3_ENDPOINT: { schema: z.url().optional(), about: 'Where backups go.', later: true },
	S3_REGION: { schema: z.string().optional(), about: 'Region of the bucket.', later: true },
	S3_BUCKET: { schema: z.string().optional(), about: 'Name of the bucket.', later: true },
	S3_PREFIX: { schema: z.string().optional(), about: 'Folder inside the bucket.', later: true },
	S3_ACCESS_KEY_ID: { schema: z.string().optional(), about: 'Key of the bucket.', secret: true, later: true },
	S3_SECRET_ACCESS_KEY: {
		schema: z.string().optional(),
		about: 'Secret of the bucket.',
		secret: true,
		later: true,
	},
	S3_FORCE_PATH_STYLE: {
		schema: flag.optional(),
		about: 'Bucket in the path instead of the host name.',
		later: true,
	},
	BACKUP_INTERVAL_HOURS: {
		schema: wholeNumber(1, 720).default(12),
		about: 'Hours between two backups.',
		later: true,
	},
	BACKUP_KEEP: { schema: wholeNumber(1, 1000).default(30), about: 'How many backups are kept.', later: true },
	BACKUP_RECIPIENT: {
		schema: z.string().optional(),
		about: 'age public key that backups are encrypted to.',
		later: true,
	},
	AUDIT_DAYS: {
		schema: wholeNumber(30, 3660).default(400),
		about: 'Days that events stay in the audit logs, of the appliance and of each app.',
	},
	TRUSTED_PROXIES: {
		schema: networks.optional(),
		about: 'Addresses or CIDRs whose Forwarded and X-Forwarded-For are believed, separated by commas.',
	},
	EGRESS_ALLOW: {
		schema: list.optional(),
		about: 'Private hosts or CIDRs that outgoing calls may reach, separated by commas.',
	},
	ENDPOINTS: {
		schema: endpoints.optional(),
		about: 'JSON that repoints a plugin’s vendor endpoint: `{"<plugin>.<endpoint>": "url"}`.',
	},
	PLUGINS_DIR: { schema: z.string().optional(), about: 'Operator plugins. Default `$DATA_DIR/plugins`.' },
	METRICS_TOKEN: {
		schema: z.string().optional(),
		about: 'Bearer for /metrics; unset: 404.',
		secret: true,
		later: true,
	},
	ALLOW_OUTBOX: { schema: flag.optional(), about: 'Lets the outbox sender be chosen under an https ORIGIN.' },
	ALERT_EMAIL: {
		schema: z.email().optional(),
		about:
			'Where the appliance reports its own troubles while the console and the apply file name no address.',
	},
	WORKERS: {
		schema: wholeNumber(1, 64).default(1),
		about: 'Processes on one machine; this version runs one.',
	},
	OTEL_EXPORTER_OTLP_ENDPOINT: { schema: z.url().optional(), about: 'Where traces go.', later: true },
	LOG_LEVEL: {
		schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
		about: 'How much is logged.',
	},
	LOG_FORMAT: {
		schema: z.enum(['pretty', 'json']).optional(),
		about: 'Default: pretty on a terminal, else json.',
	},
} as const satisfies Record<string, { schema: z.ZodType; about: string; secret?: true; later?: true }>;

type Variables = typeof variables;
type Read = { [K in keyof Variables]: z.output<Variables[K]['schema']> };

export interface Config extends Omit<Read, 'ORIGIN' | 'PLUGINS_DIR' | 'LOG_FORMAT'> {
	ORIGIN: string;
	PLUGINS_DIR: string;
	LOG_FORMAT: 'pretty' | 'json';
}

/** Stops the start: one line for the operator, no stack. */
export class StartRefused extends Error {
	override readonly name = 'StartRefused';
}

type Environment = Readonly<Record<string, string | undefined>>;

function valueOf(env: Environment, name: string, secret: boolean): string | undefined {
	const file = secret ? env[`${name}_FILE`] : undefined;
	if (!file) return env[name] === '' ? undefined : env[name];
	if (env[name]) throw new StartRefused(`${name} and ${name}_FILE are both set: keep one.`);
	if (!existsSync(file)) throw new StartRefused(`${name}_FILE names ${file}, which does not exist.`);
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		throw new StartRefused(
			`${name}_FILE names ${file}, which cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
		);
	}
}

function refuseUnknown(env: Environment): void {
	const known = new Set(Object.keys(variables));
	const unknown = Object.keys(env).find(
		(name) => name.startsWith('MENSHEN_') && !known.has(name) && name !== 'MENSHEN_TEST',
	);
	if (unknown) throw new StartRefused(`${unknown} is not a setting of Menshen: see docs/config.md.`);
}

function refuseContradictions(config: Config): void {
	if (config.DATABASE_URL && !config.MASTER_KEY)
		throw new StartRefused(
			'DATABASE_URL needs MASTER_KEY (32 bytes in base64), e.g. from: openssl rand -base64 32',
		);
	if (Boolean(config.OPERATOR_EMAIL) !== Boolean(config.OPERATOR_PASSWORD))
		throw new StartRefused('OPERATOR_EMAIL and OPERATOR_PASSWORD belong together: set both or none.');
	if (config.WORKERS > 1)
		throw new StartRefused('WORKERS: this version runs one process; set it to 1 (docs/config.md).');
	if (config.S3_ENDPOINT && !config.S3_BUCKET) throw new StartRefused('S3_ENDPOINT needs S3_BUCKET.');
}

/** @returns the names that are set and have no effect in this version */
export function settingsWithoutEffect(env: Environment): string[] {
	return Object.entries(variables)
		.filter(([name, entry]) => 'later' in entry && (env[name] || ('secret' in entry && env[`${name}_FILE`])))
		.map(([name]) => name);
}

/** @throws {StartRefused} with one line that names the variable and what is wrong with it. */
export function readConfig(env: Environment, terminal = false): Config {
	refuseUnknown(env);
	const read: Record<string, unknown> = {};
	for (const [name, entry] of Object.entries(variables)) {
		const result = entry.schema.safeParse(valueOf(env, name, 'secret' in entry));
		if (!result.success)
			throw new StartRefused(`${name}: ${result.error.issues[0]?.message ?? 'not valid'} (docs/config.md).`);
		read[name] = result.data;
	}
	const values = read as Read;
	const config: Config = {
		...values,
		ORIGIN: values.ORIGIN ?? `http://localhost:${values.PORT}`,
		PLUGINS_DIR: values.PLUGINS_DIR ?? `${values.DATA_DIR}/plugins`,
		LOG_FORMAT: values.LOG_FORMAT ?? (terminal ? 'pretty' : 'json'),
	};
	refuseContradictions(config);
	return config;
}
