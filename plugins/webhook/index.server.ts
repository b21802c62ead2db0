/** Any provider, through an address of the operator's: one signed POST for each message (README.md). */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type Delivery,
	type HttpReply,
	type HttpRequest,
	type OutgoingMessage,
	type PluginContext,
} from '@menshen/plugin-kit';
import { handOver, undelivered, type Fate } from '@menshen/plugin-kit/delivery';
import manifest from './manifest.json';
import { acceptedSchema } from './replies';

const configSchema = z.object({ url: z.string(), secret: z.string().min(16) });
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

/** The bytes that are signed are the bytes that are sent. */
function requestFor(id: string, content: unknown, { config, now }: Context): HttpRequest {
	const body = JSON.stringify(content);
	const timestamp = String(Math.floor(now() / 1000));
	return {
		method: 'POST',
		body,
		headers: {
			'content-type': 'application/json',
			'menshen-id': id,
			'menshen-timestamp': timestamp,
			'menshen-signature': createHmac('sha256', config.secret).update(`${timestamp}.${body}`).digest('hex'),
		},
	};
}

/** Answers about the address or the secret, not about this message. A receiver that moved is not followed. */
const settings = new Set([401, 403, 404, 405, 410, 415]);

function fateOf({ status, headers }: HttpReply): Fate {
	if (status === 429 || (status === 503 && headers['retry-after'])) return 'busy';
	if (status === 408) return 'busy';
	if (settings.has(status) || (status >= 300 && status < 400)) return 'settings';
	return status >= 400 && status < 500 ? 'never' : 'unknown';
}

const isAccepted = ({ status }: HttpReply): boolean => status >= 200 && status < 300;

/** The receiver's own id of the message, where it gives one. */
function referenceOf(reply: HttpReply): string | undefined {
	try {
		return jsonOf(reply, acceptedSchema).reference;
	} catch {
		return undefined;
	}
}

async function deliver(message: OutgoingMessage, context: Context): Promise<Delivery> {
	const { id, channel, purpose, to, subject, text, html, params, locale } = message;
	const mail = channel === 'email' ? { subject, ...(html ? { html } : {}) } : {};
	const content = { type: 'message', id, channel, purpose, to, ...mail, text, params, locale };
	const reply = await handOver(context, 'receiver', requestFor(id, content, context));
	if (!isAccepted(reply)) throw undelivered(fateOf(reply), `HTTP ${reply.status}`, { reply });
	const reference = referenceOf(reply);
	return { status: 'delivered', ...(reference ? { reference } : {}) };
}

/** A message of the type `test` that must not be delivered. */
async function selfTest(context: Context): Promise<void> {
	const id = `test-${context.now()}`;
	const reply = await context.http('receiver', requestFor(id, { type: 'test', id }, context));
	if (isAccepted(reply)) return;
	const broken = ['busy', 'unknown'].includes(fateOf(reply));
	throw new PluginFailure(broken ? 'unavailable' : 'config', `the receiver answered HTTP ${reply.status}`);
}

export default definePlugin<Config>({ manifest, config: configSchema, selfTest, sender: { deliver } });
