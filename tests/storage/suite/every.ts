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

/** The whole suite on one engine. */
export function describeStorage(name: string, start: () => Promise<Engine>): void {
	describe(name, () => {
		let started: Engine;
		beforeAll(async () => {
			started = await start();
			return () => undefined;
		});
		afterAll(() => started.stop());
		for (const part of suite) describe(part.name.replace('describe', ''), () => part(() => started));
	});
}
