import { postgresEngine } from './engines';
import { describeStorage } from './suite/every';

describeStorage('storage on PostgreSQL', postgresEngine);
