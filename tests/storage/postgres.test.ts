import { postgresEngine } from './engines';
import { describeStorage } from './suite/every';
import { describePostgres } from './suite/postgres';

describeStorage('storage on PostgreSQL', postgresEngine, [describePostgres]);
