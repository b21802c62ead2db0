/**
 * What each kind of plugin implements, and the shape of its answers. The host checks every result
 * against these schemas: a plugin that answers anything else counts as unavailable.
 */
import { z } from 'zod';
import type { PluginContext } from './context';

type Awaitable<T> = T | Promise<T>;
type Texts = Readonly<Record<string, string>>;

const subject = z.strictObject({ subject: z.string().min(1).max(255), scope: z.string().min(1).max(255) });

/** The person's identity by the vendor. `subject` is unique within `scope` (e.g. an openid within an appid). */
export const externalSubjectSchema = z.strictObject({
	...subject.shape,
	/** The same person under other names, e.g. the unionid. */
	also: z.array(subject).max(8).default([]),
	profile: z
		.strictObject({
			name: z.string().max(200).optional(),
			avatar: z
				.url({ protocol: /^https$/ })
				.max(2048)
				.optional(),
			email: z.string().max(254).optional(),
			/** Set only where the vendor has verified it. */
			emailVerified: z.boolean().optional(),
			phone: z.string().max(32).optional(),
			phoneVerified: z.boolean().optional(),
			locale: z.string().max(35).optional(),
		})
		.prefault({}),
});
export type ExternalSubject = z.output<typeof externalSubjectSchema>;
type ExternalSubjectInput = z.input<typeof externalSubjectSchema>;

/** Something a person knows, kept as a one-way digest. */
export interface SecretKind<Config> {
	/** @returns what to store. */
	enrol(input: { secret: string }, context: PluginContext<Config>): Awaitable<string>;
	/** `stored` is undefined for an unknown user: the answer has to be negative, and take as long as any other. */
	check(input: SecretToCheck, context: PluginContext<Config>): Awaitable<SecretVerdict>;
}
export type SecretToCheck = { secret: string; stored: string | undefined };
export const secretVerdictSchema = z.strictObject({
	ok: z.boolean(),
	/** A new value to store, when the old one was made with outdated parameters. */
	rehash: z.string().min(1).optional(),
});
export type SecretVerdict = z.output<typeof secretVerdictSchema>;

/** What a sender delivers. */
export const messageSchema = z.strictObject({
	/** Unique and lasting: a second try has the same one. */
	id: z.string().min(1).max(100),
	channel: z.enum(['email', 'sms']),
	/** Why it is sent, e.g. `recover`; providers with templates map it to one of theirs. */
	purpose: z.string().min(1).max(64),
	/** An email address, or a phone number in E.164. */
	to: z.string().min(1).max(254),
	/** Subject of an email, without line breaks: they would add headers. */
	subject: z.stringFormat('one line', /^[^\r\n]{0,200}$/).default(''),
	text: z.string().min(1).max(20_000),
	html: z.string().max(80_000).optional(),
	/** The values inside the text, for providers with templates. */
	params: z.record(z.string(), z.string().max(500)).default({}),
	locale: z.string().max(35),
});
export type OutgoingMessage = z.output<typeof messageSchema>;

/** A code that is sent and typed back. The flow makes, hashes, counts and expires it. */
export interface CodeKind<Config> {
	/**
	 * @returns the normalised form of what was typed (lower case, E.164), or undefined where it cannot be an address.
	 */
	normalise(input: { typed: string }, context: PluginContext<Config>): Awaitable<string | undefined>;
	compose(
		input: CodeToCompose,
		context: PluginContext<Config>,
	): Awaitable<z.input<typeof composedMessageSchema>>;
}
export interface CodeToCompose {
	code: string;
	purpose: string;
	appName: string;
	/** Minutes that the code stays valid. */
	minutes: number;
	/**
	 * The recipient, normalised; absent in a sample. Throw `PluginFailure('unserved')` for a recipient that nothing
	 * may be sent to.
	 */
	to?: string;
	link?: string;
}
const { subject: title, text, html, params } = messageSchema.shape;
export const composedMessageSchema = z.strictObject({ subject: title, text, html, params });
export type ComposedMessage = z.output<typeof composedMessageSchema>;

/** The browser is sent to the vendor and comes back. */
export interface RedirectKind<Config> {
	/** `kept` is sealed into the sign-in under way and passed to `finish` (PKCE verifier, DPoP key, …). */
	begin(input: RedirectStart, context: PluginContext<Config>): Awaitable<z.input<typeof departureSchema>>;
	/** `query` is what the vendor appended to the redirect URI; `state` has been compared by the host. */
	finish(input: RedirectReturn, context: PluginContext<Config>): Awaitable<ExternalSubjectInput>;
}
export interface RedirectStart {
	redirectUri: string;
	state: string;
	nonce: string;
	/** What the person typed, where the manifest `asks` first (WebID). */
	hint?: string;
	/** The vendor's own browser that the person is in: some redirects work only there, some only elsewhere. */
	inside?: 'wechat' | 'dingtalk' | 'alipay';
}
export type RedirectReturn = { redirectUri: string; query: Texts; nonce: string; kept: string };
export const departureSchema = z.strictObject({
	url: z.url({ protocol: /^https?$/ }).max(8192),
	kept: z.string().max(4096).default(''),
});
export type Departure = z.output<typeof departureSchema>;

/** A client brings a ticket that the vendor gave it (a mini program's code). */
export interface TicketKind<Config> {
	redeem(input: TicketToRedeem, context: PluginContext<Config>): Awaitable<ExternalSubjectInput>;
}
/** `params`: what else the client sent; no more to be trusted than the ticket. */
export type TicketToRedeem = { ticket: string; params: Texts };

/** Another device confirms: the ticket arrives from there, this browser shows what to scan. */
export interface ScanKind<Config> {
	/** `key` names the sign-in under way: at most 32 visible characters. */
	draw(input: { key: string; url: string }, context: PluginContext<Config>): Awaitable<Drawing>;
}
/** A text for the host to draw as a QR code, or the vendor's own picture. */
export const drawingSchema = z.union([
	z.strictObject({ text: z.string().min(1).max(2048) }),
	z.strictObject({
		image: z.instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array),
		type: z.enum(['image/png', 'image/jpeg']),
	}),
]);
export type Drawing = z.output<typeof drawingSchema>;

/** The browser proves a key it holds (passkey). */
export interface CeremonyKind<Config> {
	options(input: CeremonyStart, context: PluginContext<Config>): Awaitable<CeremonyOptions>;
	verify(input: CeremonyResponse, context: PluginContext<Config>): Awaitable<CeremonyVerdict>;
}
/** `response.id` names the credential, so that `credentials` can contain the one that it refers to. */
export type CeremonyResponse = CeremonyStart & {
	response: Readonly<Record<string, unknown>> & { id: string };
	kept: string;
};
export interface CeremonyStart {
	purpose: 'enrol' | 'prove';
	origin: string;
	user?: { id: string; name: string };
	/** The credentials stored for this user, as `verify` returned them. */
	credentials: readonly { id: string; stored: string }[];
}
export const ceremonyOptionsSchema = z.strictObject({
	options: z.record(z.string(), z.unknown()),
	kept: z.string().max(4096),
});
export type CeremonyOptions = z.output<typeof ceremonyOptionsSchema>;
export const ceremonyVerdictSchema = z.strictObject({
	ok: z.boolean(),
	/** Which credential, and what to store for it from now on. */
	credential: z.strictObject({ id: z.string().min(1).max(1400), stored: z.string().max(8192) }).optional(),
	/**
	 * Something an operator should see, e.g. `counter-regression`. With `ok: false` it says that the answer came from
	 * the key itself and the key cannot be trusted any more: the user is asked to replace it.
	 */
	report: z.string().max(100).optional(),
});
export type CeremonyVerdict = z.output<typeof ceremonyVerdictSchema>;

/** Delivers email or SMS. */
export interface SenderKind<Config> {
	/** @throws {DeliveryFailed} saying whether to try again, and whether it may have arrived. */
	deliver(input: OutgoingMessage, context: PluginContext<Config>): Awaitable<Delivery>;
}
/** `held`: kept here for an operator to read, not sent. */
export const deliverySchema = z.strictObject({
	status: z.enum(['delivered', 'held']),
	/** The provider's own id of it. */
	reference: z.string().max(200).optional(),
});
export type Delivery = z.output<typeof deliverySchema>;
