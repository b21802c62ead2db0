/** What the engine needs of one app. The services that flows are given have this shape too. */
import type { AppSettings } from '../../contract/app-settings';
import type { Limiter } from '../limits/limiter';
import type { Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import type { Vault } from '../runtime/vault';
import type { Sessions } from '../sessions/sessions';
import type { AppStore } from '../storage/app/repositories';

export interface EngineApp {
	readonly id: number;
	/** As stored now. */
	settings(): Promise<AppSettings>;
	readonly store: AppStore;
	readonly vault: Vault;
	readonly sessions: Sessions;
	readonly limiter: Limiter;
	readonly clock: Clock;
	readonly log: Log;
}
