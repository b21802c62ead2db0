import { afterAll, beforeAll, describe } from 'vitest';
import type { Engine } from '../engines';
import { describeClients } from './clients';
import { describeControl } from './control';
import { describeLedgers } from './ledgers';
import { describeMigrations } from './migrations';
import { describeProofs } from './proofs';
import { describeQueues } from './queues';
import { describeStores } from './stores';
import { describeUserSearch } from './user-search';
import { describeUsers } from './users';

const suite = [
	describeUsers,
	describeUserSearch,
	describeProofs,
	describeClients,
	describeQueues,
	describeLedgers,
	describeControl,
	describeStores,
	describeMigrations,
];

type Part = (engine: () => Engine) => void;

/** The whole suite on one engine, and what is its own. */
export function describeStorage(name: string, start: () => Promise<Engine>, own: readonly Part[] = []): void {
	describe(name, () => {
		let started: Engine;
		beforeAll(async () => {
			started = await start();
			return () => undefined;
		});
		afterAll(() => started.stop());
		for (const part of [...suite, ...own])
			describe(part.name.replace('describe', ''), () => part(() => started));
	});
}
