/** The interface of the plugin host for flows, API and console. Every method reads the settings as stored now. */
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

/** Runs in the transaction of a change, e.g. to write the log entry: both happen or neither. */
export type AlsoWritten = (tx: Pick<PluginWriting, 'audit'>) => Promise<void>;

/** One database and the vault that seals what is in it: the control database's, or an app's. */
export interface PluginScope {
	readonly store: {
		readonly read: { readonly plugins: { list(): Promise<PluginRow[]> } };
		settledVersion(): number | undefined;
		write<T>(work: (repositories: PluginWriting) => Promise<T>): Promise<T>;
	};
	readonly vault: Vault;
	/** Called for plugins that stop working in this scope, and that work again. */
	readonly onHealth?: HealthListener;
}

export interface PluginSummary {
	id: string;
	manifest: Manifest;
	/** The icon as a `data:` URL for an `<img>`. */
	icon: string;
	/** The name; in `list` the operator's, where the manifest allows one. */
	name: string;
	description: string;
	/**
	 * Whether it may be used. Senders are on unless switched off; of connectors only `password` is on in a new app.
	 */
	enabled: boolean;
	/** The settings are complete: by the manifest and, where it is on, by the plugin's own code. */
	configured: boolean;
	/** Settings that come from the appliance because the app has none of its own. */
	inherited: readonly string[];
	position: number;
	/** Places where the plugin lacks a setting that it needs there. */
	unfit: readonly Place[];
	/** Set for a trial sender (outbox) that may not be chosen under this ORIGIN. */
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
	/** The value in force: own, inherited or preset; null for secrets. */
	effective: string | number | boolean | null;
	/** Where the value in force comes from. For a secret this is all that is shown. */
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

/** A change that is only checked, e.g. of an apply file before anything is done. */
export interface PluginPlan {
	id: string;
	change: PluginChange;
	/** The app it is for; absent while the app does not exist yet. */
	own?: PluginScope | undefined;
	/** The change that the appliance's settings will get before. */
	appliance?: PluginChange | undefined;
}

export type SelfTest =
	| { ok: true; ms: number }
	| { ok: false; ms: number; code: ErrorCode; params: RefusalParams; detail: string };

export type DeliveryOutcome =
	| { status: 'delivered' | 'held'; reference?: string | undefined }
	/**
	 * `retry`: a later try may work. `certain`: the message did not arrive, so that a second try cannot deliver it
	 * twice.
	 */
	| {
			status: 'failed';
			retry: boolean;
			certain: boolean;
			/** Seconds that the provider asks to wait before another try. */
			retryAfter?: number | undefined;
			/** The cause; `config`: the sender's own settings. */
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
	/** Never throws for what the provider does; `failed` says whether to try again. */
	deliver(message: OutgoingMessage): Promise<DeliveryOutcome>;
}

/**
 * The plugins of one app, or of the appliance itself. Invokers use every saved change at once.
 * They reject with a Refusal:
 * - `plugin/not-found`: no such plugin, or not of this kind
 * - `plugin/not-enabled`: switched off
 * - `plugin/config-invalid`: settings missing
 * - `plugin/outbox-not-allowed`: a trial sender under an https ORIGIN
 * - `plugin/provider-unavailable`: threw, hung, answered nonsense, or the breaker is open
 * - `auth/not-accepted`: the vendor, or the plugin, refused the sign-in
 * - `auth/code-invalid`: what the person typed was refused
 * - `auth/cancelled`: the person cancelled at the vendor
 * - `auth/number-not-served`: messages to this number are not sent
 */
export interface AppPlugins {
	/** What is set here is the appliance's, and every app inherits it. */
	readonly ofAppliance: boolean;
	list(locale?: Locale): Promise<PluginSummary[]>;
	/**
	 * The same for operators: `configured` includes the check by the plugin's own code, also for those that are off.
	 * `list` does not load that code.
	 */
	listForOperators(locale?: Locale): Promise<PluginSummary[]>;
	/** Whether the plugin is switched on here; false for an unknown one. */
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
	/** Runs for the operator's test button. Uses the settings even of a plugin that is off. */
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
	/** Operators' own plugins, for owners to review. */
	readonly external: Pick<ExternalPlugins, 'list' | 'hasNoNetwork'>;
	/** @throws {Refusal} as `AppPlugins.save` would, and nothing is stored. */
	plan(plan: PluginPlan): Promise<void>;
	/** All plugins, in order of id. */
	manifests(): readonly Manifest[];
	/** Ends idle outgoing connections, and the processes of operators' plugins. */
	close(): Promise<void>;
}
