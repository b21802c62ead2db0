/**
 * All that a plugin's functions get: no database, no cookies, no reply, no `fetch`. They reach everything else
 * through this context, within the limits of the manifest.
 */
import type { Socket } from 'node:net';
import type { Locale } from './manifest';

/** Values of the config fields, defaults filled in. Fields without a value are absent. */
export type ConfigValues = Readonly<Record<string, string | number | boolean>>;

export interface HttpRequest {
	method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
	/** Below the endpoint's address, e.g. `/v1/token`. Cannot leave it. */
	path?: string;
	/** A complete https address; only for an endpoint declared `anyPublic`. */
	url?: string;
	query?: Readonly<Record<string, string>>;
	headers?: Readonly<Record<string, string>>;
	/** At most one of the three bodies. */
	json?: unknown;
	form?: Readonly<Record<string, string>>;
	body?: string | Uint8Array;
	/** How many redirects to follow, at most 5, default 0. Off the endpoint's origin only with `anyPublic`. */
	redirects?: number;
}

/** The answer, whatever its status. */
export interface HttpReply {
	status: number;
	/** Names in lower case. */
	headers: Readonly<Record<string, string>>;
	/** After decompression, at most `limits.maxReplyBytes`. */
	body: Uint8Array;
}

/** Values of secret config fields are removed from everything that is logged. */
interface PluginLog {
	info(message: string, fields?: Readonly<Record<string, unknown>>): void;
	warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
	error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface PluginContext<Config = ConfigValues> {
	readonly config: Config;
	/**
	 * Calls a declared endpoint.
	 * @throws {PluginFailure} `unavailable` when it does not answer in time, answers too much, or may not be reached.
	 */
	http(endpoint: string, request?: HttpRequest): Promise<HttpReply>;
	/**
	 * Where an http endpoint leads now (`ENDPOINTS` may have moved it): for addresses a browser is sent to.
	 * Without a slash at the end.
	 * @throws {PluginFailure} `config` where the operator set no address
	 */
	address(endpoint: string): string;
	/**
	 * Opens a TCP connection to an endpoint declared with `connect` (senders only). The plugin closes it.
	 * @throws {PluginFailure} `unavailable`
	 */
	connect(endpoint: string): Promise<Connection>;
	/** Milliseconds since 1970. */
	now(): number;
	/** The language of the person being served. */
	readonly locale: Locale;
	readonly log: PluginLog;
	/** Aborted when the time is up: pass it on, and stop. */
	readonly signal: AbortSignal;
}

export interface Connection {
	readonly socket: Socket;
	/** The name that a TLS certificate must bear. */
	readonly host: string;
	/** Whether the other end is this machine: only there may credentials travel unencrypted. */
	readonly loopback: boolean;
}
