/**
 * The writes of one request: gathered while the engine works, visible to its own reads, and put into one
 * transaction before the answer goes out. Of two requests that use the same code or refresh token, the second finds
 * nothing left to consume and loses everything it wrote.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import Provider, { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { AppRepositories, AppStore } from '../../storage/app/repositories';
import type { Artifact } from '../../storage/app/artifacts';
import { beginReads, type Reads } from './read-cache';
import type { NewArtifact } from './stored-form';

/** Why a request lost to another one, for the log: never sent to the client. */
export const usedMeanwhile = 'used by another request';

export type Write = (tx: AppRepositories) => Promise<unknown>;

const keyOf = (model: string, id: string) => `${model}:${id}`;

/** Made at the first write: most requests only read. */
class Pending {
	readonly saved = new Map<string, NewArtifact>();
	readonly destroyed = new Map<string, { model: string; id: string }>();
	readonly consumed = new Map<string, { model: string; id: string; at: number }>();
	readonly revokedGrants = new Set<string>();
	readonly others: Write[] = [];
	readonly afterwards: (() => void)[] = [];

	get isEmpty(): boolean {
		const sizes = [this.saved, this.destroyed, this.consumed, this.revokedGrants].map((part) => part.size);
		return this.others.length === 0 && sizes.every((size) => size === 0);
	}
}

export class RequestWrites {
	readonly #store: AppStore;
	/** Reads what other requests have written. */
	readonly reads: Reads;
	#pending: Pending | undefined;

	constructor(store: AppStore) {
		this.#store = store;
		this.reads = beginReads(store);
	}

	get #own(): Pending {
		return (this.#pending ??= new Pending());
	}

	/** @param id digest of the value */
	async find(model: string, id: string): Promise<Artifact | undefined> {
		const key = keyOf(model, id);
		const saved = this.#pending?.saved.get(key);
		if (saved) return { ...saved, consumedAt: null };
		if (this.#pending?.destroyed.has(key)) return undefined;
		const found = await this.reads.get(key, () => this.#store.read.artifacts.find(model, id));
		return found?.grantId && this.#pending?.revokedGrants.has(found.grantId) ? undefined : found;
	}

	/** @param uid digest of the uid */
	async findByUid(model: string, uid: string): Promise<Artifact | undefined> {
		for (const saved of this.#pending?.saved.values() ?? [])
			if (saved.model === model && saved.uid === uid) return { ...saved, consumedAt: null };
		const found = await this.reads.get(`${model}@${uid}`, () =>
			this.#store.read.artifacts.findByUid(model, uid),
		);
		return found && !this.#pending?.destroyed.has(keyOf(model, found.id)) ? found : undefined;
	}

	save(artifact: NewArtifact): void {
		const key = keyOf(artifact.model, artifact.id);
		this.#own.destroyed.delete(key);
		this.#own.saved.set(key, artifact);
	}

	destroy(model: string, id: string): void {
		const key = keyOf(model, id);
		this.#own.saved.delete(key);
		this.#own.destroyed.set(key, { model, id });
	}

	/** Uses something up that may be used once. @param at milliseconds */
	consume(model: string, id: string, at: number): void {
		this.#own.consumed.set(keyOf(model, id), { model, id, at });
	}

	/** @param grantId digest of the grant's id */
	revokeGrant(grantId: string): void {
		const { saved, revokedGrants } = this.#own;
		revokedGrants.add(grantId);
		for (const [key, artifact] of saved) if (artifact.grantId === grantId) saved.delete(key);
	}

	/** Adds another write to this request's transaction. */
	also(write: Write): void {
		this.#own.others.push(write);
	}

	/** Runs once the transaction is on disk. */
	afterwards(task: () => void): void {
		this.#own.afterwards.push(task);
	}

	/** @throws InvalidGrant when another request consumed first; then nothing of this request is kept */
	async flush(): Promise<void> {
		const pending = this.#pending;
		if (!pending) return;
		if (!pending.isEmpty) await this.#store.write((tx) => writeAll(tx, pending));
		for (const task of pending.afterwards) task();
	}
}

async function writeAll(tx: AppRepositories, pending: Pending): Promise<void> {
	// The users are locked: what is issued while their sessions are being ended is either written before and ended
	// too, or not written at all.
	const accounts = new Set([...pending.saved.values()].map(({ accountId }) => accountId ?? ''));
	for (const id of [...accounts].sort()) if (id) await tx.users.hold(id);
	for (const { model, id, at } of pending.consumed.values())
		if (!(await tx.artifacts.consume(model, id, at)))
			throw new errors.InvalidGrant({ detail: usedMeanwhile });
	for (const grantId of pending.revokedGrants) await tx.artifacts.deleteOfGrant(grantId);
	for (const { model, id } of pending.destroyed.values()) await tx.artifacts.delete(model, id);
	await tx.artifacts.save(...pending.saved.values());
	for (const write of pending.others) await write(tx);
}

const current = new AsyncLocalStorage<RequestWrites>();
/** A request to the engine is already found by the engine's own storage: a second one would cost as much again. */
const ofContext = new WeakMap<object, RequestWrites>();

/** The writes of the running request. @throws outside of one: every write has to go through the transaction */
export function currentWrites(): RequestWrites {
	const ctx = Provider.ctx;
	const writes = (ctx && ofContext.get(ctx)) ?? current.getStore();
	if (!writes) throw new Error('the engine was used outside of a request');
	return writes;
}

/** Gathers what the engine writes while it answers a request. @param ctx the engine's context of it */
export function gatherWrites(ctx: KoaContextWithOIDC, store: AppStore): RequestWrites {
	const writes = new RequestWrites(store);
	ofContext.set(ctx, writes);
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
