/** What flows, doors and the console see of the plugin host. Every method reads the settings afresh. */
import type { ErrorCode, RefusalParams } from '../../contract/errors';
import type {
	CeremonyOptions,
	CeremonyResponse,
	CeremonyStart,
	CeremonyVerdict,
	CodeToCompose,
	ComposedMessage,
	Departure,
	Drawing,
	ExternalSubject,
	FailureReason,
	Locale,
	Manifest,
	OutgoingMessage,
	Place,
	RedirectReturn,
	RedirectStart,
	SecretToCheck,
	SecretVerdict,
	TicketToRedeem,
} from '../../plugin-kit';
import type { PluginRow } from '../storage/shared/plugins';
import type { SharedRepositories } from '../storage/shared/repositories';
import type { Vault } from '../runtime/vault';
import type { ExternalPlugins } from './external/external-plugins';
import type { HealthListener, PluginHealth } from './health';

export type { HealthListener, PluginHealth };

type PluginWriting = Pick<SharedRepositories, 'plugins' | 'audit'>;

/** Done in the transaction of a change, e.g. written into the log: one is not without the other. */
export type AlsoWritten = (tx: Pick<PluginWriting, 'audit'>) => Promise<void>;

/** One database and the vault that seals what is in it: the control database's, or an app's. */
export interface PluginScope {
	readonly store: {
		readonly read: { readonly plugins: { list(): Promise<PluginRow[]> } };
		settledVersion(): number | undefined;
		write<T>(work: (repositories: PluginWriting) => Promise<T>): Promise<T>;
	};
	readonly vault: Vault;
	/** Told of plugins that stop working here, and that work again. */
	readonly onHealth?: HealthListener;
}

export interface PluginSummary {
	id: string;
	manifest: Manifest;
	/** The icon as a `data:` URL for an `<img>`. */
	icon: string;
	/** In `list` the operator's, where the manifest lets them choose one. */
	name: string;
	description: string;
	/** May be used. Senders are on unless switched off; of connectors only `password` is on in a new app. */
	enabled: boolean;
	/** The settings are complete: by the manifest and, where it is on, by the plugin's own code. */
	configured: boolean;
	/** Settings that come from the appliance because the app has none of its own. */
	inherited: readonly string[];
	position: number;
	/** Places where a setting that it needs there is missing. */
	unfit: readonly Place[];
	/** A trial sender (outbox) that may not be chosen under this ORIGIN. */
	forbidden: boolean;
	/** Of an operator's own plugin: whether an owner allowed its code. */
	external?: 'found' | 'approved' | 'changed';
	health: PluginHealth;
}

export interface FormField {
	key: string;
	type: Manifest['config'][number]['type'];
	label: string;
	help: string;
	required: boolean;
	secret: boolean;
	options: readonly { value: string; label: string }[];
	showWhen?: { key: string; equals: string | number | boolean };
	min?: number;
	max?: number;
	maxLength: number;
	/** This scope's own value; always null for secrets and where there is none. */
	value: string | number | boolean | null;
	/** What is in force, own, inherited or preset; null for secrets. */
	effective: string | number | boolean | null;
	/** Where the value in force comes from. For a secret this is all that is told. */
	source: 'own' | 'appliance' | 'default' | 'unset';
}

export interface PluginForm {
	id: string;
	name: string;
	description: string;
	enabled: boolean;
	fields: readonly FormField[];
	/** The hosts it may call; `*` for any public one, to be shown as a warning. */
	reaches: readonly string[];
}

export interface PluginChange {
	enabled?: boolean;
	/** Place in lists, ascending. */
	position?: number;
	/**
	 * By field key. Absent: kept. `null`: taken away (an inherited value shows again).
	 * `''`: a secret is kept, any other field is taken away.
	 */
	values?: Readonly<Record<string, unknown>>;
	/** The values come from the environment or the apply file, whose hosts are allowed by that. */
	trusted?: boolean;
}

/** A change that is only thought of, e.g. by an apply file that is read before anything is done. */
export interface PluginPlan {
	id: string;
	change: PluginChange;
	/** The app it is for; absent while there is none yet. */
	own?: PluginScope | undefined;
	/** What will be set for the appliance before. */
	appliance?: PluginChange | undefined;
}

export type SelfTest =
	| { ok: true; ms: number }
	| { ok: false; ms: number; code: ErrorCode; params: RefusalParams; detail: string };

export type DeliveryOutcome =
	| { status: 'delivered' | 'held'; reference?: string | undefined }
	/** `retry`: later may work. `certain`: it did not arrive, so that a second try cannot deliver it twice. */
	| {
			status: 'failed';
			retry: boolean;
			certain: boolean;
			/** Seconds before which the provider wants no other try. */
			retryAfter?: number | undefined;
			/** Whose fault it is; `config`: the sender's own settings. */
			reason?: FailureReason;
			detail: string;
	  };

export interface SecretInvoker {
	enrol(input: { secret: string }): Promise<string>;
	check(input: SecretToCheck): Promise<SecretVerdict>;
}
export interface CodeInvoker {
	normalise(input: { typed: string }): Promise<string | undefined>;
	compose(input: CodeToCompose): Promise<ComposedMessage>;
}
export interface RedirectInvoker {
	begin(input: RedirectStart): Promise<Departure>;
	finish(input: RedirectReturn): Promise<ExternalSubject>;
}
export interface TicketInvoker {
	redeem(input: TicketToRedeem): Promise<ExternalSubject>;
}
export interface ScanInvoker {
	draw(input: { key: string; url: string }): Promise<Drawing>;
}
export interface CeremonyInvoker {
	options(input: CeremonyStart): Promise<CeremonyOptions>;
	verify(input: CeremonyResponse): Promise<CeremonyVerdict>;
}
export interface SenderInvoker {
	/** Never throws for what the provider does; `failed` says what may be done. */
	deliver(message: OutgoingMessage): Promise<DeliveryOutcome>;
}

/**
 * The plugins of one app, or of the appliance itself. Invokers take effect of every saved change at once.
 * They reject with a Refusal:
 * - `plugin/not-found`: no such plugin, or not of this kind
 * - `plugin/not-enabled`: switched off
 * - `plugin/config-invalid`: settings missing
 * - `plugin/outbox-not-allowed`: a trial sender under an https ORIGIN
 * - `plugin/provider-unavailable`: threw, hung, answered nonsense, or the breaker is open
 * - `auth/not-accepted`: the vendor, or the plugin, refused the sign-in
 * - `auth/code-invalid`: what somebody typed was refused
 * - `auth/cancelled`: the person turned back at the vendor
 * - `auth/number-not-served`: nothing is sent there
 */
export interface AppPlugins {
	/** What is set here is the appliance's, and every app inherits it. */
	readonly ofAppliance: boolean;
	list(locale?: Locale): Promise<PluginSummary[]>;
	/**
	 * The same for operators: also of those that are off, `configured` is what their own code says. `list`
	 * leaves that code unloaded.
	 */
	listForOperators(locale?: Locale): Promise<PluginSummary[]>;
	/** Switched on here. False for what there is not. */
	isEnabled(id: string): Promise<boolean>;
	/** @throws {Refusal} `plugin/not-found` */
	manifestOf(id: string): Manifest;
	formOf(id: string, locale?: Locale): Promise<PluginForm>;
	/** The plugin's README, Markdown; empty where it has none. @throws {Refusal} `plugin/not-found` */
	guideOf(id: string, locale?: Locale): Promise<string>;
	/** @throws {Refusal} `plugin/config-invalid` with `fields`, `plugin/not-found`. */
	save(id: string, change: PluginChange, also?: AlsoWritten): Promise<void>;
	/** Puts plugins in this order, the first at place 1. @throws {Refusal} `plugin/not-found` */
	arrange(ids: readonly string[], also?: AlsoWritten): Promise<void>;
	/** Behind the operator's test button. Takes settings that are not switched on yet. */
	selfTest(id: string, locale?: Locale): Promise<SelfTest>;
	/**
	 * Whether this scope may choose this sender for the channel.
	 * @throws {Refusal} `plugin/not-found`, `plugin/outbox-not-allowed`, `plugin/not-enabled`, `sender/not-configured`
	 */
	requireSender(id: string, channel: 'email' | 'sms'): Promise<void>;
	secret(id: string, locale?: Locale): SecretInvoker;
	code(id: string, locale?: Locale): CodeInvoker;
	redirect(id: string, locale?: Locale): RedirectInvoker;
	ticket(id: string, locale?: Locale): TicketInvoker;
	scan(id: string, locale?: Locale): ScanInvoker;
	ceremony(id: string, locale?: Locale): CeremonyInvoker;
	sender(id: string, locale?: Locale): SenderInvoker;
}

export interface PluginHost {
	/** The appliance-wide settings: inherited by every app, and used for the appliance's own mail. */
	readonly appliance: AppPlugins;
	/** The same object for the same store. */
	forApp(scope: PluginScope): AppPlugins;
	/** Operators' own plugins, for owners to judge. */
	readonly external: Pick<ExternalPlugins, 'list' | 'hasNoNetwork'>;
	/** @throws {Refusal} as `AppPlugins.save` would, and nothing is stored. */
	plan(plan: PluginPlan): Promise<void>;
	/** Every plugin there is, in order of id. */
	manifests(): readonly Manifest[];
	/** Ends idle outgoing connections, and the processes of operators' plugins. */
	close(): Promise<void>;
}
