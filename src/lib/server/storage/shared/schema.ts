/** The tables that both kinds of database have, for the repositories that work on both. */
import type { AppSchema } from '../app/schema';

export type SharedSchema = Pick<
	AppSchema,
	'setting' | 'plugin' | 'rate_limit' | 'audit' | 'message' | 'data_key' | 'verification' | 'session'
>;
