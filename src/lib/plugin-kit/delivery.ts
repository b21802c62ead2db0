/**
 * For senders over HTTP: what a vendor's answer, or none, means for the message. A code that may have arrived is
 * never sent twice, so a failure is "certain" only where that is known.
 */
import type { HttpReply, HttpRequest, PluginContext } from './context';
import { DeliveryFailed, PluginFailure, type FailureReason } from './failures';
import { jsonOf } from './replies';
import type { z } from 'zod';

/**
 * What became of a message:
 * - `later`: refused for now (a limit of this recipient), another try may work
 * - `never`: refused for good
 * - `settings`: refused because of what the operator set up
 * - `busy`: the vendor did not accept it, another try may work
 * - `unknown`: it may have arrived
 *
 * Whatever a recipient can bring about is `later` or `never`: `settings`, `busy` and `unknown` count towards the
 * circuit breaker, and one user's odd phone number must not stop the messages of others.
 */
export type Fate = 'later' | 'never' | 'settings' | 'busy' | 'unknown';

const fates: Readonly<Record<Fate, { retry: boolean; certain: boolean; reason: FailureReason }>> = {
	later: { retry: true, certain: true, reason: 'refused' },
	never: { retry: false, certain: true, reason: 'refused' },
	settings: { retry: false, certain: true, reason: 'config' },
	busy: { retry: true, certain: true, reason: 'unavailable' },
	unknown: { retry: false, certain: false, reason: 'unavailable' },
};

/** Seconds (RFC 9110 §10.2.3); a date is read by the vendor's own clock. */
function retryAfterOf({ headers }: Pick<HttpReply, 'headers'>): number | undefined {
	const asked = headers['retry-after']?.trim() ?? '';
	if (/^\d{1,9}$/.test(asked)) return Number(asked);
	const seconds = (Date.parse(asked) - Date.parse(headers['date'] ?? '')) / 1000;
	return seconds > 0 ? Math.ceil(seconds) : undefined;
}

/**
 * @param detail for the operator: the vendor's code, never its words, which may repeat the message
 * @param from the vendor's answer, which may say when to try again
 */
export function undelivered(
	fate: Fate,
	detail: string,
	from: { reply?: Pick<HttpReply, 'headers'>; cause?: unknown } = {},
): DeliveryFailed {
	const retryAfter = from.reply && retryAfterOf(from.reply);
	return new DeliveryFailed({ ...fates[fate], detail, retryAfter, cause: from.cause });
}

/** Error codes of Node, undici and the host's guard when no connection was made, so that nothing was sent. */
const neverSent = new Set([
	'ECONNREFUSED',
	'EHOSTUNREACH',
	'ENETUNREACH',
	'ENOTFOUND',
	'EAI_AGAIN',
	'UND_ERR_CONNECT_TIMEOUT',
	'CERT_HAS_EXPIRED',
	'DEPTH_ZERO_SELF_SIGNED_CERT',
	'SELF_SIGNED_CERT_IN_CHAIN',
	'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
	'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
	'ERR_TLS_CERT_ALTNAME_INVALID',
]);

function isNeverSent(error: unknown): boolean {
	for (let each = error; each instanceof Error; each = each.cause) {
		const { code, kind } = each as { code?: unknown; kind?: unknown };
		if (kind === 'refused' || neverSent.has(String(code))) return true;
	}
	return false;
}

/**
 * Sends a request that hands a message over.
 * @throws {DeliveryFailed} `busy` where no connection was made, `unknown` where it broke or took too long
 */
export async function handOver(
	{ http }: Pick<PluginContext<unknown>, 'http'>,
	endpoint: string,
	request: HttpRequest,
): Promise<HttpReply> {
	try {
		return await http(endpoint, request);
	} catch (error) {
		if (!(error instanceof PluginFailure)) throw error;
		if (error.reason === 'config') throw undelivered('settings', error.message, { cause: error });
		throw undelivered(isNeverSent(error) ? 'busy' : 'unknown', error.message, { cause: error });
	}
}

/**
 * The answer to a message handed over, in the shape given.
 * @throws {DeliveryFailed} `unknown` when it is anything else: the vendor may have sent it nevertheless
 */
export function receiptOf<T>(reply: HttpReply, schema: z.ZodType<T>): T {
	try {
		return jsonOf(reply, schema);
	} catch (error) {
		throw undelivered('unknown', error instanceof Error ? error.message : 'no receipt', { cause: error });
	}
}

/**
 * The outcome that a table gives for a vendor's code: the code itself, or the longest prefix that ends in a dot.
 */
export function fateOf(code: string, table: Readonly<Record<string, Fate>>): Fate | undefined {
	for (let name = code; name; name = name.slice(0, Math.max(name.lastIndexOf('.', name.length - 2) + 1, 0)))
		if (Object.hasOwn(table, name)) return table[name];
	return undefined;
}

/** Settings of providers that send by approved templates only. */
export interface TemplateSettings {
	templateCode: string;
	templateSignIn?: string | undefined;
	templateRegister?: string | undefined;
	templateRecover?: string | undefined;
	templateVerify?: string | undefined;
}

const templateOfPurpose: Readonly<Record<string, keyof TemplateSettings>> = {
	'sign-in': 'templateSignIn',
	register: 'templateRegister',
	recover: 'templateRecover',
	'verify-email': 'templateVerify',
	'change-email': 'templateVerify',
	'change-phone': 'templateVerify',
};

/** The template for a message that carries a code. @throws {DeliveryFailed} for one without: it has no template */
export function templateFor(
	message: { purpose: string; params: Readonly<Record<string, string>> },
	settings: TemplateSettings,
): { template: string; code: string } {
	const code = message.params['code'];
	if (!code) throw undelivered('never', `no template for ${message.purpose}: it carries no code`);
	const key = templateOfPurpose[message.purpose] ?? 'templateCode';
	return { template: settings[key] || settings.templateCode, code };
}
