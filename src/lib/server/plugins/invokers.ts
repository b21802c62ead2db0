/** Typed functions for each kind of plugin: what to call, and the schema of the answer. */
import { z } from 'zod';
import {
	ceremonyOptionsSchema,
	ceremonyVerdictSchema,
	composedMessageSchema,
	DeliveryFailed,
	deliverySchema,
	departureSchema,
	drawingSchema,
	externalSubjectSchema,
	messageSchema,
	secretVerdictSchema,
	type Kind,
	type Locale,
	type OutgoingMessage,
} from '../../plugin-kit';
import type {
	AppPlugins,
	CeremonyInvoker,
	CodeInvoker,
	DeliveryOutcome,
	RedirectInvoker,
	ScanInvoker,
	SecretInvoker,
	SenderInvoker,
	TicketInvoker,
} from './app-plugins';
import { BreakerOpen, CallFailed, type Part } from './call';

/** Finds the plugin, checks that it is on and set up, and calls it. @throws {CallFailed | Refusal} */
export type Invoke = <T>(request: { id: string; kind: Kind; locale: Locale; part: Part<T> }) => Promise<T>;

type Invokers = Pick<AppPlugins, 'secret' | 'code' | 'redirect' | 'ticket' | 'scan' | 'ceremony' | 'sender'>;
type Door = <T>(name: string, schema: z.ZodType<T>, run: Part<T>['run']) => Promise<T>;

const storedSchema = z.string().min(1).max(8192);
const normalisedSchema = z.string().min(1).max(254).optional();

const refuse =
	(kind: Kind) =>
	(error: unknown): never => {
		throw error instanceof CallFailed ? error.toRefusal(kind) : error;
	};

/** What became of a message when the plugin did not say "delivered". */
function outcomeOf(error: unknown): DeliveryOutcome {
	if (!(error instanceof CallFailed)) throw error;
	const { failure, egress, message: detail } = error;
	const { reason } = failure;
	if (failure instanceof DeliveryFailed) {
		const { retry, certain, retryAfter } = failure;
		return { status: 'failed', retry, certain, retryAfter, reason, detail };
	}
	// Not called, or refused by the guard: nothing can have arrived, and an operator may put it right before the next
	// try.
	const notSent = failure instanceof BreakerOpen || egress?.kind === 'refused';
	// In all other cases the message may have been sent.
	return { status: 'failed', retry: notSent, certain: notSent, reason, detail };
}

function senderOver(call: Door): SenderInvoker {
	return {
		async deliver(message: OutgoingMessage): Promise<DeliveryOutcome> {
			const checked = messageSchema.safeParse(message);
			if (!checked.success) {
				const fields = checked.error.issues.map((issue) => issue.path.join('.')).join(', ');
				const detail = `not a message: ${fields}`;
				return { status: 'failed', retry: false, certain: true, reason: 'refused', detail };
			}
			return call('deliver', deliverySchema, (plugin, context) =>
				plugin.sender?.deliver(checked.data, context),
			).catch(outcomeOf);
		},
	};
}

const secretOver = (call: Door): SecretInvoker => ({
	enrol: (input) => call('enrol', storedSchema, ({ secret }, context) => secret?.enrol(input, context)),
	check: (input) =>
		call('check', secretVerdictSchema, ({ secret }, context) => secret?.check(input, context)),
});

const codeOver = (call: Door): CodeInvoker => ({
	normalise: (input) =>
		call('normalise', normalisedSchema, ({ code }, context) => code?.normalise(input, context)),
	compose: (input) =>
		call('compose', composedMessageSchema, ({ code }, context) => code?.compose(input, context)),
});

const redirectOver = (call: Door): RedirectInvoker => ({
	begin: (input) =>
		call('begin', departureSchema, ({ redirect }, context) => redirect?.begin(input, context)),
	finish: (input) =>
		call('finish', externalSubjectSchema, ({ redirect }, context) => redirect?.finish(input, context)),
});

const ticketOver = (call: Door): TicketInvoker => ({
	redeem: (input) =>
		call('redeem', externalSubjectSchema, ({ ticket }, context) => ticket?.redeem(input, context)),
});

const scanOver = (call: Door): ScanInvoker => ({
	draw: (input) => call('draw', drawingSchema, ({ scan }, context) => scan?.draw(input, context)),
});

const ceremonyOver = (call: Door): CeremonyInvoker => ({
	options: (input) =>
		call('options', ceremonyOptionsSchema, ({ ceremony }, context) => ceremony?.options(input, context)),
	verify: (input) =>
		call('verify', ceremonyVerdictSchema, ({ ceremony }, context) => ceremony?.verify(input, context)),
});

export function createInvokers(invoke: Invoke): Invokers {
	const doorTo =
		(kind: Kind, id: string, locale: Locale = 'en'): Door =>
		(name, schema, run) =>
			invoke({ id, kind, locale, part: { name: `${id}.${kind}.${name}`, schema, run } });
	/** Failures of the plugin become refusals; a sender's are handled in its own way. */
	const refusing =
		<T>(kind: Kind, over: (call: Door) => T) =>
		(id: string, locale?: Locale): T => {
			const door = doorTo(kind, id, locale);
			return over((name, schema, run) => door(name, schema, run).catch(refuse(kind)));
		};
	return {
		secret: refusing('secret', secretOver),
		code: refusing('code', codeOver),
		redirect: refusing('redirect', redirectOver),
		ticket: refusing('ticket', ticketOver),
		scan: refusing('scan', scanOver),
		ceremony: refusing('ceremony', ceremonyOver),
		sender: (id, locale) => senderOver(doorTo('sender', id, locale)),
	};
}
