import { sqliteEngine } from './engines';
import { describeStorage } from './suite/every';

describeStorage('storage on SQLite', async () => sqliteEngine());
