/**
 * A real mail server on this machine that keeps what it gets, and that can behave badly on request.
 * Used by plugin tests, by stories, and by `npm run emulators`.
 */
import { EventEmitter } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { readMail, type ReadMail } from './read-mail';

interface SinkMail extends ReadMail {
	from: string;
	to: string[];
	/** When the server had it whole, in ms. */
	at: number;
	/** The user that signed in, if any. */
	user?: string | undefined;
	secure: boolean;
	raw: string;
}

/**
 * - `accept`: keeps the mail
 * - `refuse-later` / `refuse`: says 451 / 550 to each recipient
 * - `refuse-content`: says 554 after the body
 * - `busy`: says 421 and hangs up
 * - `hang-greeting`, `hang-data`: says nothing at the start, or after the body
 * - `drop-data`: hangs up after the body, so that it is unknown whether it arrived
 * - `nonsense`: greets with something other than SMTP
 */
export type SinkBehaviour =
	| 'accept'
	| 'refuse-later'
	| 'refuse'
	| 'refuse-content'
	| 'busy'
	| 'hang-greeting'
	| 'hang-data'
	| 'drop-data'
	| 'nonsense';

export interface SinkOptions {
	/** Default: any free port. */
	port?: number;
	/** Ask for this user and password. */
	auth?: { user: string; pass: string };
	/** Offer STARTTLS, with an untrusted certificate. */
	tls?: boolean;
}

export interface SmtpSink {
	readonly host: '127.0.0.1';
	readonly port: number;
	readonly mails: readonly SinkMail[];
	behave(behaviour: SinkBehaviour): void;
	/** Resolves with the first mail, present or to come, that fits. */
	waitFor(fits: (mail: SinkMail) => boolean, timeoutMs?: number): Promise<SinkMail>;
	/** Resolves when a client has reached the point where the behaviour bites. */
	reached(): Promise<void>;
	clear(): void;
	close(): Promise<void>;
}

const refusal = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

class Sink {
	readonly mails: SinkMail[] = [];
	readonly events = new EventEmitter();
	readonly server: SMTPServer;
	behaviour: SinkBehaviour = 'accept';
	/** Whoever hangs is kept here, to be let go at the end. */
	readonly #hanging: (() => void)[] = [];

	constructor({ auth, tls }: SinkOptions) {
		this.server = new SMTPServer({
			authOptional: !auth,
			allowInsecureAuth: true,
			disabledCommands: [...(auth ? [] : ['AUTH']), ...(tls ? [] : ['STARTTLS'])],
			disableReverseLookup: true,
			closeTimeout: 100,
			onAuth: ({ username, password }, _session, done) => {
				const fits = username === auth?.user && password === auth?.pass;
				if (fits) done(null, { user: username });
				else done(refusal(535, `5.7.8 No user ${username ?? ''} with password ${password ?? ''}`));
			},
			onConnect: (_session, done) => this.#greet(done),
			onRcptTo: (_address, _session, done) => this.#judgeRecipient(done),
			onData: (stream, session, done) =>
				void this.#take(stream, session).then((error) => done(error ?? null), done),
		});
		this.server.on('error', () => undefined);
		this.server.server.prependListener('connection', (socket: Socket) => {
			if (this.behaviour === 'nonsense') socket.write('SSH-2.0-not-a-mail-server\r\n');
		});
	}

	#bite(): void {
		this.events.emit('reached');
	}

	#greet(done: (error?: Error | null) => void): void {
		if (this.behaviour === 'busy') {
			this.#bite();
			done(refusal(421, '4.3.2 Too busy'));
		} else if (this.behaviour === 'hang-greeting') {
			this.#hanging.push(() => done(refusal(421, 'bye')));
			this.#bite();
		} else done();
	}

	#judgeRecipient(done: (error?: Error | null) => void): void {
		const codes: Partial<Record<SinkBehaviour, Error>> = {
			'refuse-later': refusal(451, '4.7.1 Greylisted, come back later'),
			refuse: refusal(550, '5.1.1 No such mailbox'),
		};
		done(codes[this.behaviour] ?? null);
	}

	async #take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<Error | undefined> {
		const raw = await readAll(stream);
		if (this.behaviour === 'refuse-content') return refusal(554, '5.7.1 Looks like spam');
		if (this.behaviour === 'drop-data') {
			for (const connection of this.server.connections)
				(connection as unknown as { _socket: { destroy(): void } })._socket.destroy();
			return undefined;
		}
		if (this.behaviour === 'hang-data') {
			const released = new Promise<void>((release) => this.#hanging.push(release));
			this.#bite();
			await released;
		}
		const { mailFrom, rcptTo } = session.envelope;
		const mail: SinkMail = {
			...readMail(raw),
			from: mailFrom ? mailFrom.address : '',
			to: rcptTo.map(({ address }) => address),
			at: Date.now(),
			user: session.user as string | undefined,
			secure: session.secure,
			raw: raw.toString('utf8'),
		};
		this.mails.push(mail);
		this.events.emit('mail', mail);
		return undefined;
	}

	letGo(): void {
		for (const release of this.#hanging.splice(0)) release();
	}

	waitFor(fits: (mail: SinkMail) => boolean, timeoutMs: number): Promise<SinkMail> {
		const present = this.mails.find(fits);
		if (present) return Promise.resolve(present);
		return new Promise((resolve, reject) => {
			const stop = () => {
				this.events.off('mail', look);
				clearTimeout(timer);
			};
			const look = (mail: SinkMail) => {
				if (!fits(mail)) return;
				stop();
				resolve(mail);
			};
			const timer = setTimeout(() => {
				stop();
				reject(
					new Error(
						`no such mail within ${timeoutMs} ms; there are: ${this.mails.map((mail) => `${mail.to.join()} "${mail.subject}"`).join('; ') || 'none'}`,
					),
				);
			}, timeoutMs);
			this.events.on('mail', look);
		});
	}
}

function listen(server: SMTPServer, port: number): Promise<number> {
	return new Promise((resolve, reject) => {
		server.server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve((server.server.address() as AddressInfo).port));
	});
}

export async function startSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
	const sink = new Sink(options);
	const port = await listen(sink.server, options.port ?? 0);
	return {
		host: '127.0.0.1',
		port,
		mails: sink.mails,
		behave(behaviour) {
			sink.letGo();
			sink.behaviour = behaviour;
		},
		waitFor: (fits, timeoutMs = 10_000) => sink.waitFor(fits, timeoutMs),
		reached: () => new Promise((resolve) => sink.events.once('reached', () => resolve())),
		clear: () => void sink.mails.splice(0),
		async close() {
			sink.letGo();
			await new Promise<void>((closed) => sink.server.close(() => closed()));
		},
	};
}
