/**
 * Tells which write the running code belongs to. A write inside a write would wait for itself (SQLite) or for a
 * connection that its own caller holds (PostgreSQL), so both engines refuse it in the same way.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<WriteScope>();

export class WriteScope {
	#ended = false;

	/** Whether the running code was started by this write, which is still under way. */
	get isCurrent(): boolean {
		return !this.#ended && current.getStore() === this;
	}

	run<T>(work: () => Promise<T>): Promise<T> {
		return current.run(this, work);
	}

	/** Code that outlives the write (a timer it set) may write again afterwards. */
	end(): void {
		this.#ended = true;
	}

	static get isInside(): boolean {
		const scope = current.getStore();
		return scope !== undefined && !scope.#ended;
	}
}

/**
 * Inside a write only its own repositories may be used: other reads are not part of the transaction, and need a
 * second connection while the first is held. Plugins read their settings first, so this keeps them, and with them
 * the network, out of writes too.
 */
export function refuseReadInWrite(): void {
	if (WriteScope.isInside) throw new Error('read inside write(): ask the transaction, or read before it');
}

export function refuseNestedWrite(): Promise<never> | undefined {
	if (!WriteScope.isInside) return undefined;
	return Promise.reject(new Error('write() inside write(): pass the transaction along'));
}
