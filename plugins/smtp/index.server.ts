/** Email through a mail server (RFC 5321), over the guarded connection that the host opens. */
import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import {
	definePlugin,
	DeliveryFailed,
	PluginFailure,
	type Connection,
	type Delivery,
	type OutgoingMessage,
	type PluginContext,
} from '@menshen/plugin-kit';
import { deliveryFailureOf, testFailureOf } from './failures';
import manifest from './manifest.json';

const configSchema = z
	.object({
		host: z.string(),
		port: z.number(),
		security: z.enum(['auto', 'starttls', 'tls', 'none']),
		user: z.string().optional(),
		pass: z.string().optional(),
		from: z.string(),
		fromName: z.string().optional(),
	})
	.refine((config) => !config.user === !config.pass, { path: ['pass'] });
type Config = z.output<typeof configSchema>;

/** Shorter than the host's limit, so that it is known how far a message got when the time is up. */
const deadlineMs = 12_000;

/** Connections on this machine cannot be overheard, and local relays rarely have valid certificates. */
function encryptionOf({ security, user }: Config, loopback: boolean) {
	return {
		secure: security === 'tls',
		ignoreTLS: security === 'none' || (security === 'auto' && loopback),
		requireTLS: security === 'starttls' || (security === 'auto' && Boolean(user) && !loopback),
	};
}

function transportOver({ socket, host, loopback }: Connection, config: Config) {
	return createTransport({
		host,
		port: config.port,
		...encryptionOf(config, loopback),
		...(config.user ? { auth: { user: config.user, pass: config.pass }, forceAuth: true } : {}),
		getSocket: (_options, done) => done(null, { connection: socket }),
		greetingTimeout: 5_000,
		socketTimeout: 10_000,
		disableFileAccess: true,
		disableUrlAccess: true,
		tls: { minVersion: 'TLSv1.2' },
	});
}

function whenAborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		const abort = () => reject(new PluginFailure('unavailable', 'the mail server did not answer in time'));
		signal.addEventListener('abort', abort, { once: true });
		if (signal.aborted) abort();
	});
}

/** Opens a connection, uses it, and always closes it. */
async function withTransport<T>(
	context: PluginContext<Config>,
	use: (transport: ReturnType<typeof transportOver>) => Promise<T>,
): Promise<T> {
	const timeUp = whenAborted(AbortSignal.any([context.signal, AbortSignal.timeout(deadlineMs)]));
	timeUp.catch(() => undefined);
	const connection = await Promise.race([context.connect('server'), timeUp]);
	try {
		return await Promise.race([use(transportOver(connection, context.config)), timeUp]);
	} finally {
		connection.socket.destroy();
	}
}

/** The same for each try of a message, so that a mailbox can recognise a second copy. */
function messageIdOf(id: string, from: string): string {
	const local = createHash('sha256').update(id).digest('hex').slice(0, 32);
	return `<${local}@${from.split('@').at(-1) ?? 'localhost'}>`;
}

function mailOf(message: OutgoingMessage, { config, now }: PluginContext<Config>) {
	return {
		from: { name: config.fromName ?? '', address: config.from },
		to: { name: '', address: message.to },
		envelope: { from: config.from, to: [message.to] },
		subject: message.subject,
		text: message.text,
		...(message.html ? { html: message.html } : {}),
		messageId: messageIdOf(message.id, config.from),
		date: new Date(now()),
		headers: {
			'Auto-Submitted': 'auto-generated',
			'X-Auto-Response-Suppress': 'All',
			'Content-Language': message.locale,
		},
	};
}

/** One mailbox. A list in its place would send the code to other people as well. */
const mailbox = /^[^\s,;:<>()[\]"\\]+@[^\s,;:<>()"\\]+$/;

async function deliver(message: OutgoingMessage, context: PluginContext<Config>): Promise<Delivery> {
	let handedOver = false;
	if (!mailbox.test(message.to))
		throw new DeliveryFailed({ retry: false, certain: true, detail: 'not one email address' });
	try {
		await withTransport(context, (transport) => {
			// The body flows only after the server asked for it; after its last byte the message may have arrived.
			transport.use('stream', (mail, done) => {
				mail.message.transform(() => new PassThrough().once('end', () => (handedOver = true)));
				done();
			});
			return transport.sendMail(mailOf(message, context));
		});
		return { status: 'delivered', reference: messageIdOf(message.id, context.config.from) };
	} catch (error) {
		throw deliveryFailureOf(error, handedOver);
	}
}

export default definePlugin<Config>({
	manifest,
	config: configSchema,
	selfTest: (context) =>
		withTransport(context, async (transport) => {
			await transport.verify();
		}).catch((error: unknown) => {
			throw testFailureOf(error);
		}),
	sender: { deliver },
});
