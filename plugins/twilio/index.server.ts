/** SMS through Twilio: the Messages resource of the API of 2010-04-01. */
import { z } from 'zod';
import {
	definePlugin,
	jsonOf,
	PluginFailure,
	type Delivery,
	type OutgoingMessage,
	type PluginContext,
} from '@menshen/plugin-kit';
import { handOver, receiptOf, undelivered } from '@menshen/plugin-kit/delivery';
import { fateOfCode } from './failures';
import manifest from './manifest.json';
import { accountSchema, sentSchema } from './replies';

const common = { accountSid: z.string().regex(/^AC[0-9a-f]{32}$/), authToken: z.string() };
const configSchema = z.discriminatedUnion('sender', [
	z.object({
		...common,
		sender: z.literal('service'),
		messagingServiceSid: z.string().regex(/^MG[0-9a-f]{32}$/),
	}),
	z.object({
		...common,
		sender: z.literal('from'),
		/** E.164, a short code, or an alphanumeric name with at least one letter. */
		from: z.string().regex(/^(?:\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/),
	}),
]);
type Config = z.output<typeof configSchema>;
type Context = PluginContext<Config>;

/** The longest that the vendor takes; a code needs no more. */
const longest = 1_600;

const headersOf = ({ accountSid, authToken }: Config) => ({
	authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
});
const accountPath = ({ accountSid }: Config) => `/2010-04-01/Accounts/${accountSid}`;

async function deliver(message: OutgoingMessage, context: Context): Promise<Delivery> {
	const { config } = context;
	if (!/^\+[1-9]\d{6,14}$/.test(message.to)) throw undelivered('never', 'not one phone number');
	if (message.text.length > longest) throw undelivered('never', `longer than ${longest} characters`);
	const from: Record<string, string> =
		config.sender === 'service' ? { MessagingServiceSid: config.messagingServiceSid } : { From: config.from };
	const reply = await handOver(context, 'api', {
		path: `${accountPath(config)}/Messages.json`,
		headers: headersOf(config),
		form: { To: message.to, Body: message.text, ...from },
	});
	const answer = receiptOf(reply, sentSchema);
	if ('code' in answer)
		throw undelivered(fateOfCode(answer.code, reply.status), `HTTP ${reply.status}, ${answer.code}`, {
			reply,
		});
	// Accepted and given up at once; the result of other messages is in the vendor's log only.
	if (['failed', 'undelivered', 'canceled'].includes(answer.status))
		throw undelivered('never', `status ${answer.status}`);
	return { status: 'delivered', reference: answer.sid };
}

async function selfTest(context: Context): Promise<void> {
	const { config } = context;
	const reply = await context.http('api', {
		path: `${accountPath(config)}.json`,
		headers: headersOf(config),
	});
	const answer = jsonOf(reply, accountSchema);
	if ('code' in answer) {
		const broken = ['busy', 'unknown'].includes(fateOfCode(answer.code, reply.status));
		throw new PluginFailure(
			broken ? 'unavailable' : 'config',
			`the account was asked for: HTTP ${reply.status}, ${answer.code}`,
		);
	}
	if (answer.status !== 'active') throw new PluginFailure('config', `the account is ${answer.status}`);
}

export default definePlugin<Config>({ manifest, config: configSchema, selfTest, sender: { deliver } });
