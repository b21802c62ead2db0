/** From approved code to a process that takes calls, or to the reason why there is none. */
import type { Manifest } from '../../../plugin-kit';
import { startChild, type Child } from './child';
import type { Confinement } from './confinement';
import type { FromChild } from './messages';
import { ProcessFailure, Session, type SessionEnds } from './session';

export interface Opening {
	manifest: Manifest;
	walls: Confinement;
	/** `index.server.js`. */
	source: string;
	ends(session: Session): Omit<SessionEnds, 'endpoints'>;
	/** Called at once with the process, so that it can be ended whatever happens. */
	started(child: Child): void;
	ended(child: Child): void;
}

const senseless = 'sent a message that makes no sense';

class Greeting {
	#session: Session | undefined;
	readonly #opening: Opening;
	readonly #resolve: (session: Session) => void;
	readonly #reject: (error: unknown) => void;
	readonly #child: Child;
	readonly #late: NodeJS.Timeout;

	constructor(opening: Opening, resolve: (session: Session) => void, reject: (error: unknown) => void) {
		const { manifest, walls, source } = opening;
		this.#opening = opening;
		this.#resolve = resolve;
		this.#reject = reject;
		this.#child = startChild(walls, {
			message: (message) => this.#take(message),
			gone: (detail) => this.#gone(detail),
		});
		this.#late = setTimeout(() => this.#child.kill('did not start in time'), manifest.limits.timeoutMs);
		opening.started(this.#child);
		this.#child.send({ type: 'load', id: manifest.id, source });
	}

	#take(message: FromChild): void {
		if (message.type === 'crashed') return this.#child.kill(`threw ${message.name} outside of any call`);
		if (message.type === 'loaded') return this.#loaded(message.kinds);
		if (message.type === 'broken') return this.#child.kill(`its code cannot be loaded: ${message.message}`);
		if (this.#session) return this.#session.take(message);
		return this.#child.kill(senseless);
	}

	#loaded(kinds: readonly string[]): void {
		clearTimeout(this.#late);
		const { manifest, ends } = this.#opening;
		const missing = manifest.kinds.find((kind) => !kinds.includes(kind));
		if (missing) return this.#child.kill(`its code has no ${missing}`);
		if (this.#session) return this.#child.kill(senseless);
		const session: Session = new Session(this.#child, {
			over: () => ends(session).over(),
			idle: () => ends(session).idle(),
			endpoints: Object.keys(manifest.endpoints),
		});
		this.#session = session;
		return this.#resolve(session);
	}

	#gone(detail: string): void {
		clearTimeout(this.#late);
		this.#opening.ended(this.#child);
		this.#session?.gone(detail);
		this.#reject(new ProcessFailure(detail));
	}
}

/** @throws {ProcessFailure} */
export function openSession(opening: Opening): Promise<Session> {
	return new Promise((resolve, reject) => {
		void new Greeting(opening, resolve, reject);
	});
}
