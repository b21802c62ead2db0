/**
 * Browsers signed in, by Lucia: the only file that knows it (ADR 0005). The database holds SHA-256 of what the
 * cookie carries, so a stolen database cannot be used to sign in. The adapter is ours, because Lucia's own write
 * outside the group commit and count in seconds.
 */
import { Lucia, TimeSpan, type Adapter, type DatabaseSession } from 'lucia';
import type { SessionRow } from '../storage/shared/sessions';
import type { SharedRepositories } from '../storage/shared/repositories';
import type { Store } from '../storage/store';
import { systemClock, type Clock } from '../runtime/clock';
import { digest } from '../runtime/vault';

/** Facts of the browser and of the proof that made the session. */
export interface SessionFacts {
	/** How the user was proven, RFC 8176 values, e.g. `['pwd']`. */
	amr: readonly string[];
	/** The browser's User-Agent. */
	device: string;
	address: string;
}

export interface Session extends SessionRow {
	/** Whether the idle limit was extended: then the cookie should be sent again. */
	fresh: boolean;
}

export interface SessionCookie {
	name: string;
	value: string;
	/** Attributes for SvelteKit's `cookies.set`; `path` is always there. */
	attributes: { path: string; httpOnly: boolean; secure: boolean; sameSite: 'lax'; maxAge: number };
}

export interface StartedSession {
	session: Session;
	/** What the browser gets: never stored, never logged. */
	token: string;
	cookie: SessionCookie;
}

type SessionStore = Pick<Store<Pick<SharedRepositories, 'sessions'>>, 'read'> & {
	write<T>(work: (repositories: Pick<SharedRepositories, 'sessions'>) => Promise<T>): Promise<T>;
};

interface SessionOptions {
	store: SessionStore;
	/** The cookie's name without prefix, e.g. `menshen-4`. */
	name: string;
	/** Whether ORIGIN is https: the cookie then is `__Host-` and Secure. */
	secure: boolean;
	/** Milliseconds without use, and in all, after which a session ends. */
	limits: () => { idle: number; max: number };
	clock: Clock;
}

export interface Sessions {
	readonly cookieName: string;
	/** Makes a session in the caller's transaction. The old one of this browser is ended by the caller. */
	start(
		tx: Pick<SharedRepositories, 'sessions'>,
		userId: string,
		facts: SessionFacts,
	): Promise<StartedSession>;
	/** The live session of a cookie's value; extends the idle limit. */
	validate(token: string): Promise<Session | undefined>;
	/** The cookie's value out of a Cookie header. */
	tokenFrom(cookieHeader: string | null | undefined): string | undefined;
	/** The cookie again, with its full lifetime. */
	cookieFor(token: string): SessionCookie;
	blankCookie(): SessionCookie;
}

const isLive = (row: SessionRow, now: number) => row.expiresAt > now && row.endsAt > now;

/**
 * Lucia reads the machine's clock. It gets times relative to our clock, so that tests can move time; with the
 * system clock the two are the same.
 */
const toLucia = (time: number, clock: Clock) => new Date(systemClock.now() + (time - clock.now()));
const fromLucia = (time: Date, clock: Clock) => clock.now() + (time.getTime() - systemClock.now());

interface Attributes {
	row: SessionRow;
}

function adapterOver(store: SessionStore, options: SessionOptions): Adapter {
	const { clock } = options;
	const toDatabaseSession = (row: SessionRow, id: string): DatabaseSession => ({
		id,
		userId: row.userId,
		expiresAt: toLucia(Math.min(row.expiresAt, row.endsAt), clock),
		attributes: { row },
	});
	return {
		async getSessionAndUser(id) {
			const row = await store.read.sessions.find(digest(id));
			if (!row) return [null, null];
			if (!isLive(row, clock.now())) {
				// The session has ended for good: a clock that is set back later must not make it valid again.
				await store.write((tx) => tx.sessions.delete(row.id));
				return [null, null];
			}
			return [toDatabaseSession(row, id), { id: row.userId, attributes: {} }];
		},
		async getUserSessions(userId) {
			const rows = await store.read.sessions.listOfUser(userId);
			return rows.map((row) => toDatabaseSession(row, row.id));
		},
		async setSession(session) {
			const { row } = session.attributes as Attributes;
			const idle = fromLucia(session.expiresAt, clock);
			await store.write((tx) =>
				tx.sessions.create({
					...row,
					id: digest(session.id),
					expiresAt: Math.min(Math.round(idle), row.endsAt),
				}),
			);
		},
		async updateSessionExpiration(id, expiresAt) {
			await store.write((tx) => tx.sessions.extend(digest(id), Math.round(fromLucia(expiresAt, clock))));
		},
		async deleteSession(id) {
			await store.write((tx) => tx.sessions.delete(digest(id)));
		},
		async deleteUserSessions(userId) {
			await store.write((tx) => tx.sessions.deleteOfUser(userId));
		},
		async deleteExpiredSessions() {
			await store.write((tx) => tx.sessions.deleteExpired(clock.now()));
		},
	};
}

/** Reads one cookie only, and only a well-formed token: Lucia's reader fails at any broken cookie in the header. */
function tokenIn(header: string, name: string): string | undefined {
	const pair = header.split(';').findLast((part) => part.trimStart().startsWith(`${name}=`));
	const value = pair?.slice(pair.indexOf('=') + 1).trim();
	return value && /^[\w-]{1,255}$/.test(value) ? value : undefined;
}

export function createSessions(options: SessionOptions): Sessions {
	const cookieName = options.secure ? `__Host-${options.name}` : options.name;
	const lucia = (store: SessionStore) =>
		new Lucia(adapterOver(store, options), {
			sessionExpiresIn: new TimeSpan(options.limits().idle, 'ms'),
			sessionCookie: { name: cookieName, attributes: { secure: options.secure, sameSite: 'lax', path: '/' } },
			getSessionAttributes: (attributes) => attributes as unknown as Attributes,
		});
	let kept: { idle: number; lucia: ReturnType<typeof lucia> } | undefined;
	/** The instance for reading, used by every request; made again only when the idle limit has changed. */
	const reader = () => {
		const { idle } = options.limits();
		if (kept?.idle !== idle) kept = { idle, lucia: lucia(options.store) };
		return kept.lucia;
	};
	const cookieOf = (value: string): SessionCookie => {
		const maxAge = value ? Math.floor(options.limits().max / 1000) : 0;
		return {
			name: cookieName,
			value,
			attributes: { path: '/', httpOnly: true, secure: options.secure, sameSite: 'lax', maxAge },
		};
	};
	return {
		cookieName,
		async start(tx, userId, facts) {
			const now = options.clock.now();
			const row: SessionRow = {
				id: '',
				userId,
				createdAt: now,
				expiresAt: now + options.limits().idle,
				endsAt: now + options.limits().max,
				authTime: now,
				amr: [...facts.amr],
				device: facts.device.slice(0, 300),
				address: facts.address,
				engineSession: null,
			};
			const inTransaction: SessionStore = { read: tx, write: (work) => work(tx) };
			const { id: token } = await lucia(inTransaction).createSession(userId, { row });
			return { session: { ...row, id: digest(token), fresh: true }, token, cookie: cookieOf(token) };
		},
		async validate(token) {
			const { session } = await reader().validateSession(token);
			if (!session) return undefined;
			const { row } = session as unknown as Attributes;
			return {
				...row,
				expiresAt: Math.round(fromLucia(session.expiresAt, options.clock)),
				fresh: session.fresh,
			};
		},
		tokenFrom: (header) => tokenIn(header ?? '', cookieName),
		cookieFor: cookieOf,
		blankCookie: () => cookieOf(''),
	};
}
