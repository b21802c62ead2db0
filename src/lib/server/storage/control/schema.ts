/** Tables of the control database: what belongs to the appliance and to no app. */
import type { ColumnType, Generated } from 'kysely';
import type { AppSchema } from '../app/schema';

type SetOnce<T> = ColumnType<T, T, never>;

interface AppTable {
	id: SetOnce<number>;
	/** A copy of the app's own name, so that lists need not open each database. */
	name: string;
	is_public: 0 | 1;
	created_at: SetOnce<number>;
	updated_at: number;
}

/** Every number that an app ever had, and 0, where counting starts. */
interface AppNumberTable {
	id: SetOnce<number>;
}

interface OperatorTable {
	number: Generated<number>;
	id: SetOnce<string>;
	email: string;
	email_key: string;
	name: string;
	/** An owner may do everything; an operator everything except managing operators and plugins' code. */
	role: 'owner' | 'operator';
	password: string;
	locale: string | null;
	created_at: SetOnce<number>;
	updated_at: number;
	last_sign_in_at: number | null;
}

interface LeaseTable {
	name: SetOnce<string>;
	holder: string;
	expires_at: number;
}

export interface ControlSchema extends Pick<
	AppSchema,
	'setting' | 'plugin' | 'rate_limit' | 'audit' | 'message' | 'data_key' | 'verification' | 'session'
> {
	app: AppTable;
	app_number: AppNumberTable;
	operator: OperatorTable;
	lease: LeaseTable;
}
