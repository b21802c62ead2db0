/**
 * What flows are given. A flow names what it needs with Pick<>, so its signature shows what it touches;
 * compose.ts builds the real ones.
 */
import type { AppSettings } from '../../contract/app-settings';
import type { Alert } from '../domain/alerts';
import type { Limiter } from '../limits/limiter';
import type { AlsoRotated, KeyView, RotationOrder } from '../oidc/keys/signing-keys';
import type { EngineLink } from '../oidc/engine-link';
import type { AppPlugins, PluginHost } from '../plugins/host';
import type { Clock } from '../runtime/clock';
import type { Log } from '../runtime/log';
import type { MasterKey, Vault } from '../runtime/vault';
import type { Sessions } from '../sessions/sessions';
import type { AppRepositories, AppStore } from '../storage/app/repositories';
import type { ControlStore } from '../storage/control/repositories';
import type { Storage } from '../storage/open';
import type { Once } from './external/take-once';

/** Where an app's settings are read. */
export type SettingsSource = Pick<AppRepositories, 'settings'>;

/** Everything of one app. */
export interface AppServices {
	readonly id: number;
	/** The public URL of the appliance, without a slash at the end. */
	readonly origin: string;
	/**
	 * As stored now: another process or request may have changed them. Inside a write, as that transaction sees them.
	 */
	settings(tx?: SettingsSource): Promise<AppSettings>;
	readonly store: AppStore;
	readonly vault: Vault;
	readonly sessions: Sessions;
	readonly limiter: Limiter;
	readonly plugins: AppPlugins;
	readonly engine: EngineLink;
	/** The sender that the appliance chose for a channel, or empty. */
	readonly applianceSender: (channel: 'email' | 'sms') => Promise<string>;
	/** For things that work once across all apps. @returns whether this is the first time */
	readonly takeOnAppliance: (once: Once) => Promise<boolean>;
	/** Mails the operators about a trouble in this app, if they want alerts. Returns at once and never throws. */
	readonly alert: (alert: Omit<Alert, 'app'>) => void;
	/** Called after messages were queued: delivery starts at once and blocks nobody. */
	readonly wakeDelivery: () => void;
	/** Called after logout notices were queued. */
	readonly wakeLogout: () => void;
	readonly clock: Clock;
	readonly log: Log;
}

/** Everything of the appliance itself. */
export interface ApplianceServices {
	readonly origin: string;
	readonly storage: Storage;
	readonly control: ControlStore;
	readonly vault: Vault;
	readonly masterKey: MasterKey;
	readonly sessions: Sessions;
	readonly limiter: Limiter;
	readonly plugins: PluginHost;
	/** ALERT_EMAIL: where alerts go while the console names no address. */
	readonly alertEmail: string | undefined;
	/** Keys that sign an app's tokens. */
	readonly signingKeys: {
		list(app: number): Promise<KeyView[]>;
		rotate(app: number, order?: RotationOrder, also?: AlsoRotated): Promise<KeyView[]>;
	};
	/** @throws Refusal app/not-found */
	app(id: number): Promise<AppServices>;
	/** Forgets what is cached of an app: it was deleted. */
	forgetApp(id: number): void;
	readonly clock: Clock;
	readonly log: Log;
}

/** The client of the request: facts from the request, none of them a proof. */
export interface Visitor {
	/** Canonical address of the client, believed proxies already skipped. */
	address: string;
	/** The User-Agent header. */
	device: string;
	locale: 'en' | 'zh-CN';
	requestId: string;
	/** What the known-browser cookie holds, unverified. */
	knownBrowser?: string | undefined;
}

/** The acting person or system; the caller has checked the proof. */
export type Actor =
	| { kind: 'user'; id: string }
	| { kind: 'operator'; id: string; role: 'owner' | 'operator' }
	| { kind: 'system'; id: string };
