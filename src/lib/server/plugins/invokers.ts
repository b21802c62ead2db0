/** The typed doors to each kind's functions: what to call, and what the answer must look like. */
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
import type { AppPlugins, DeliveryOutcome, SenderInvoker } from './app-plugins';
import { BreakerOpen, CallFailed, type Part } from './call';

/** Finds the plugin, checks that it is on and set up, and calls it. @throws {CallFailed | Refusal} */
export type Invoke = <T>(request: { id: string; kind: Kind; locale: Locale; part: Part<T> }) => Promise<T>;

type Invokers = Pick<AppPlugins, 'secret' | 'code' | 'redirect' | 'ticket' | 'scan' | 'ceremony' | 'sender'>;
type Door = <T>(name: string, schema: z.ZodType<T>, run: Part<T>['run']) => Promise<T>;

const storedSchema = z.string().min(1).max(8192);
const normalisedSchema = z.string().min(1).max(254).optional();

const refuse = (error: unknown): never => {
	throw error instanceof CallFailed ? error.toRefusal() : error;
};

/** What became of a message when the plugin did not say "delivered". */
function outcomeOf(error: unknown): DeliveryOutcome {
	if (!(error instanceof CallFailed)) throw error;
	const { failure, egress, message: detail } = error;
	if (failure instanceof DeliveryFailed) return { status: 'failed', retry: failure.retry, certain: failure.certain, detail };
	// Not called, or not let out: nothing can have arrived. Anything else may have happened half-way.
	if (failure instanceof BreakerOpen) return { status: 'failed', retry: true, certain: true, detail };
	return { status: 'failed', retry: false, certain: egress?.kind === 'refused', detail };
}

function senderOver(call: Door): SenderInvoker {
	return {
		async deliver(message: OutgoingMessage): Promise<DeliveryOutcome> {
			const checked = messageSchema.safeParse(message);
			if (!checked.success) {
				const fields = checked.error.issues.map((issue) => issue.path.join('.')).join(', ');
				return { status: 'failed', retry: false, certain: true, detail: `not a message: ${fields}` };
			}
			return call('deliver', deliverySchema, (plugin, context) => plugin.sender?.deliver(checked.data, context)).catch(outcomeOf);
		},
	};
}

export function createInvokers(invoke: Invoke): Invokers {
	const doorTo =
		(kind: Kind, id: string, locale: Locale = 'en'): Door =>
		(name, schema, run) =>
			invoke({ id, kind, locale, part: { name: `${id}.${kind}.${name}`, schema, run } });
	const refusingDoor = (kind: Kind, id: string, locale?: Locale): Door => {
		const door = doorTo(kind, id, locale);
		return (name, schema, run) => door(name, schema, run).catch(refuse);
	};
	return {
		secret: (id, locale) => {
			const call = refusingDoor('secret', id, locale);
			return {
				enrol: (input) => call('enrol', storedSchema, (plugin, context) => plugin.secret?.enrol(input, context)),
				check: (input) => call('check', secretVerdictSchema, (plugin, context) => plugin.secret?.check(input, context)),
			};
		},
		code: (id, locale) => {
			const call = refusingDoor('code', id, locale);
			return {
				normalise: (input) => call('normalise', normalisedSchema, (plugin, context) => plugin.code?.normalise(input, context)),
				compose: (input) => call('compose', composedMessageSchema, (plugin, context) => plugin.code?.compose(input, context)),
			};
		},
		redirect: (id, locale) => {
			const call = refusingDoor('redirect', id, locale);
			return {
				begin: (input) => call('begin', departureSchema, (plugin, context) => plugin.redirect?.begin(input, context)),
				finish: (input) => call('finish', externalSubjectSchema, (plugin, context) => plugin.redirect?.finish(input, context)),
			};
		},
		ticket: (id, locale) => {
			const call = refusingDoor('ticket', id, locale);
			return { redeem: (input) => call('redeem', externalSubjectSchema, (plugin, context) => plugin.ticket?.redeem(input, context)) };
		},
		scan: (id, locale) => {
			const call = refusingDoor('scan', id, locale);
			return { draw: (input) => call('draw', drawingSchema, (plugin, context) => plugin.scan?.draw(input, context)) };
		},
		ceremony: (id, locale) => {
			const call = refusingDoor('ceremony', id, locale);
			return {
				options: (input) => call('options', ceremonyOptionsSchema, (plugin, context) => plugin.ceremony?.options(input, context)),
				verify: (input) => call('verify', ceremonyVerdictSchema, (plugin, context) => plugin.ceremony?.verify(input, context)),
			};
		},
		sender: (id, locale) => senderOver(doorTo('sender', id, locale)),
	};
}
