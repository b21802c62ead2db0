import type { Kysely } from 'kysely';
import { sharedRepositories } from '../shared/repositories';
import type { Store } from '../store';
import { appEntryRepository } from './apps';
import { leaseRepository } from './leases';
import { operatorRepository } from './operators';
import type { ControlSchema } from './schema';

export function controlRepositories(db: Kysely<ControlSchema>) {
	return {
		...sharedRepositories(db),
		apps: appEntryRepository(db),
		leases: leaseRepository(db),
		operators: operatorRepository(db),
	};
}

export type ControlRepositories = ReturnType<typeof controlRepositories>;
export type ControlStore = Store<ControlRepositories>;
