/** Structured logs. Secrets are kept out by construction; the redact list is a second safeguard. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Fields of every log line of one request. */
interface RequestContext {
	requestId: string;
	app?: number;
}

export const requestContext = new AsyncLocalStorage<RequestContext>();

const secretKeys = [
	'password',
	'newPassword',
	'secret',
	'clientSecret',
	'token',
	'code',
	'cookie',
	'authorization',
	'setupCode',
];

export function createLog(options: { level: string; format: 'pretty' | 'json' }): Log {
	return pino({
		level: options.level,
		base: null,
		redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[secret]' },
		mixin: () => requestContext.getStore() ?? {},
		...(options.format === 'pretty'
			? {
					transport: {
						target: 'pino-pretty',
						options: { colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' },
					},
				}
			: {}),
	});
}
