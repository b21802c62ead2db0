/**
 * What one request wants written: gathered while the engine works, visible to its own reads, and put into
 * one transaction before the answer goes out. Of two requests that use the same code or refresh token, the
 * second finds nothing left to consume and loses everything it wrote.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { errors } from 'oidc-provider';
import type { AppRepositories, AppStore } from '../../storage/app/repositories';
import type { Artifact } from '../../storage/app/artifacts';
import { beginReads, type Reads } from './read-cache';
import type { NewArtifact } from './stored-form';

export type Write = (tx: AppRepositories) => Promise<unknown>;

const keyOf = (model: string, id: string) => `${model}:${id}`;

export class RequestWrites {
	readonly #store: AppStore;
	/** What other requests have written. */
	readonly reads: Reads;
	readonly #saved = new Map<string, NewArtifact>();
	readonly #destroyed = new Map<string, { model: string; id: string }>();
	readonly #consumed = new Map<string, { model: string; id: string; at: number }>();
	readonly #revokedGrants = new Set<string>();
	readonly #others: Write[] = [];
	readonly #afterwards: (() => void)[] = [];

	constructor(store: AppStore) {
		this.#store = store;
		this.reads = beginReads(store);
	}

	/** @param id digest of the value */
	async find(model: string, id: string): Promise<Artifact | undefined> {
		const key = keyOf(model, id);
		const saved = this.#saved.get(key);
		if (saved) return { ...saved, consumedAt: null };
		if (this.#destroyed.has(key)) return undefined;
		return this.#unlessRevoked(await this.reads.get(key, () => this.#store.read.artifacts.find(model, id)));
	}

	/** @param uid digest of the uid */
	async findByUid(model: string, uid: string): Promise<Artifact | undefined> {
		for (const saved of this.#saved.values())
			if (saved.model === model && saved.uid === uid) return { ...saved, consumedAt: null };
		const found = await this.reads.get(`${model}@${uid}`, () =>
			this.#store.read.artifacts.findByUid(model, uid),
		);
		return found && !this.#destroyed.has(keyOf(model, found.id)) ? found : undefined;
	}

	save(artifact: NewArtifact): void {
		const key = keyOf(artifact.model, artifact.id);
		this.#destroyed.delete(key);
		this.#saved.set(key, artifact);
	}

	destroy(model: string, id: string): void {
		const key = keyOf(model, id);
		this.#saved.delete(key);
		this.#destroyed.set(key, { model, id });
	}

	/** Uses something up that may be used once. @param at milliseconds */
	consume(model: string, id: string, at: number): void {
		this.#consumed.set(keyOf(model, id), { model, id, at });
	}

	/** @param grantId digest of the grant's id */
	revokeGrant(grantId: string): void {
		this.#revokedGrants.add(grantId);
		for (const [key, saved] of this.#saved) if (saved.grantId === grantId) this.#saved.delete(key);
	}

	/** Anything else that belongs into this request's transaction. */
	also(write: Write): void {
		this.#others.push(write);
	}

	/** Runs once the transaction is on disk. */
	afterwards(task: () => void): void {
		this.#afterwards.push(task);
	}

	/** @throws InvalidGrant when somebody else consumed first; then nothing of this request is kept */
	async flush(): Promise<void> {
		if (!this.#isEmpty) await this.#store.write((tx) => this.#writeAll(tx));
		for (const task of this.#afterwards) task();
	}

	get #isEmpty(): boolean {
		const sizes = [this.#saved, this.#destroyed, this.#consumed, this.#revokedGrants].map(
			(part) => part.size,
		);
		return this.#others.length === 0 && sizes.every((size) => size === 0);
	}

	async #writeAll(tx: AppRepositories): Promise<void> {
		for (const { model, id, at } of this.#consumed.values())
			if (!(await tx.artifacts.consume(model, id, at)))
				throw new errors.InvalidGrant({ detail: 'used by another request' });
		for (const grantId of this.#revokedGrants) await tx.artifacts.deleteOfGrant(grantId);
		for (const { model, id } of this.#destroyed.values()) await tx.artifacts.delete(model, id);
		for (const artifact of this.#saved.values()) await tx.artifacts.save(artifact);
		for (const write of this.#others) await write(tx);
	}

	#unlessRevoked(found: Artifact | undefined): Artifact | undefined {
		return found?.grantId && this.#revokedGrants.has(found.grantId) ? undefined : found;
	}
}

const current = new AsyncLocalStorage<RequestWrites>();

/** The writes of the running request. @throws outside of one: nothing may be written past the transaction */
export function currentWrites(): RequestWrites {
	const writes = current.getStore();
	if (!writes) throw new Error('the engine was used outside of a request');
	return writes;
}

export function runWithWrites<T>(writes: RequestWrites, work: () => Promise<T>): Promise<T> {
	return current.run(writes, work);
}

/** Runs `work` and puts what it wrote on disk before it resolves; when it throws, nothing is written. */
export async function inOneWrite<T>(
	store: AppStore,
	work: (writes: RequestWrites) => Promise<T>,
): Promise<T> {
	const writes = new RequestWrites(store);
	const value = await current.run(writes, () => work(writes));
	await writes.flush();
	return value;
}
