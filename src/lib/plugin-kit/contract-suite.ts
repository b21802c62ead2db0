/**
 * The tests every plugin passes, run against its vendor's emulator on this machine. They need no test
 * framework: `for (const { name, run } of contractCases({…})) it(name, run)`.
 */
import { connect } from 'node:net';
import { readConfig } from './config';
import type { ConfigValues, Connection, PluginContext } from './context';
import type { Plugin } from './define-plugin';
import type { Emulator } from './emulator';
import { DeliveryFailed, PluginFailure, type FailureReason } from './failures';
import { requestLoopback } from './loopback';
import { kinds, manifestSchema } from './manifest';

/** One way in which the vendor fails, and how the plugin must report it. */
export interface VendorFailure {
	name: string;
	/** Makes the emulator fail in this way from now on. */
	arrange(): void | Promise<void>;
	/** The function to call, where it is not the subject's. */
	call?(plugin: Plugin, context: PluginContext): unknown;
	expected: { reason: FailureReason; retry?: boolean; certain?: boolean };
}

export interface ContractSubject {
	plugin: Plugin;
	/** Valid settings, as an operator would save them. Secrets should be easy to recognise. */
	config: ConfigValues;
	/** Settings that must be refused, by their fault. Missing required fields are tested without being listed. */
	refused?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
	/** The emulator's address for each http endpoint, `http://127.0.0.1:…`. TCP ones come from the config. */
	endpoints?: Readonly<Record<string, string>>;
	/** Calls the plugin's main function with good input. */
	call(plugin: Plugin, context: PluginContext): unknown;
	/** Throws when the answer is not the one expected. */
	accept(answer: unknown): void | Promise<void>;
	/** Resets the emulator: called before each case. */
	reset?(): void | Promise<void>;
	failures?: readonly VendorFailure[];
	/** The emulator takes the call and never answers; `reached` resolves when it has it. */
	hang?: { arrange(): void | Promise<void>; reached(): Promise<void> };
	/** The emulator answers nonsense. */
	malformed?: { arrange(): void | Promise<void> };
	/** More texts that must not be logged: tickets, passwords. */
	secrets?: readonly string[];
}

/** How a sender reports a provider's refusal. */
export const fates = {
	later: { reason: 'refused', retry: true, certain: true },
	never: { reason: 'refused', retry: false, certain: true },
	settings: { reason: 'config', retry: false, certain: true },
	busy: { reason: 'unavailable', retry: true, certain: true },
	unknown: { reason: 'unavailable', retry: false, certain: false },
} as const satisfies Record<string, VendorFailure['expected']>;

type Emulated = Pick<ContractSubject, 'config' | 'endpoints' | 'failures' | 'hang' | 'malformed' | 'reset'>;

/**
 * The parts of a subject that its emulator has. @param expected how each of its failures must be reported, by name
 */
export const emulatedBy = (
	emulator: Emulator,
	expected: Readonly<Record<string, VendorFailure['expected']>> = {},
): Emulated => ({
	config: emulator.config,
	endpoints: emulator.endpoints,
	failures: Object.entries(expected).map(([name, each]) => ({
		name: `${name}: ${JSON.stringify(each)}`,
		arrange: () => emulator.fail(name),
		expected: each,
	})),
	hang: { arrange: () => emulator.fail('hang'), reached: () => emulator.reached() },
	malformed: { arrange: () => emulator.fail('nonsense') },
	reset: () => emulator.reset(),
});

export interface ContractCase {
	name: string;
	run(): Promise<void>;
}

function must(condition: unknown, message: string): asserts condition {
	if (!condition) throw new Error(message);
}

function connectLoopback(subject: ContractSubject, name: string): Promise<Connection> {
	const declared = subject.plugin.manifest.endpoints[name];
	must(typeof declared === 'object' && 'connect' in declared, `no TCP endpoint ${name}`);
	const host = String(subject.config[declared.connect.host]);
	must(['127.0.0.1', '::1', 'localhost'].includes(host), 'contract tests stay on this machine');
	return new Promise((resolve, reject) => {
		const socket = connect({ host, port: Number(subject.config[declared.connect.port]) });
		socket.once('connect', () => resolve({ socket, host, loopback: true }));
		socket.on('error', (cause) => reject(new PluginFailure('unavailable', 'no connection', { cause })));
	});
}

interface Stage {
	context: PluginContext;
	/** All that was logged. */
	lines: string[];
	abort(): void;
}

function stageFor(subject: ContractSubject): Stage {
	const { plugin, config, endpoints = {} } = subject;
	const lines: string[] = [];
	const controller = new AbortController();
	const line = (message: string, fields?: unknown) =>
		void lines.push(`${message} ${JSON.stringify(fields) ?? ''}`);
	const { values } = readConfig(plugin.manifest.config, config);
	const context = {
		config: plugin.config ? plugin.config.parse(values) : values,
		http: async (name, request = {}) => {
			const base = endpoints[name];
			must(base && name in plugin.manifest.endpoints, `${name} is no declared endpoint with an emulator`);
			return requestLoopback(base, request, controller.signal);
		},
		address: (name) => {
			const base = endpoints[name];
			must(base && name in plugin.manifest.endpoints, `${name} is no declared endpoint with an emulator`);
			return base.replace(/\/+$/, '');
		},
		connect: (name) => connectLoopback(subject, name),
		now: () => Date.UTC(2026, 0, 1),
		locale: 'zh-CN',
		log: { info: line, warn: line, error: line },
		signal: controller.signal,
	} satisfies PluginContext<unknown>;
	return { context: context as PluginContext, lines, abort: () => controller.abort() };
}

/** Nothing that is logged or thrown may contain a secret, whatever happened. */
function assertSilent({ plugin, config, secrets = [] }: ContractSubject, said: readonly string[]): void {
	const settings = plugin.manifest.config
		.filter((field) => field.secret)
		.map((field) => String(config[field.key] ?? ''));
	for (const secret of [...settings, ...secrets].filter(Boolean))
		must(!said.some((text) => text.includes(secret)), 'a secret was logged or thrown');
}

async function failureOf(
	subject: ContractSubject,
	stage: Stage,
	call: ContractSubject['call'],
): Promise<PluginFailure> {
	try {
		await call(subject.plugin, stage.context);
	} catch (error) {
		assertSilent(subject, [...stage.lines, String(error)]);
		must(error instanceof PluginFailure, `threw ${String(error)} instead of a PluginFailure`);
		return error;
	}
	throw new Error('succeeded where it must fail');
}

function metadataCase({ plugin }: ContractSubject): void {
	const manifest = manifestSchema.parse(plugin.manifest);
	for (const kind of kinds)
		must(manifest.kinds.includes(kind) === Boolean(plugin[kind]), `kind ${kind}: named or built, not both`);
}

function configCase({ plugin, config, refused = {} }: ContractSubject): void {
	const { manifest } = plugin;
	const isRefused = (given: Readonly<Record<string, unknown>>): boolean => {
		const { values, problems } = readConfig(manifest.config, given);
		return Object.keys(problems).length > 0 || plugin.config?.safeParse(values).success === false;
	};
	must(!isRefused(config), 'the good settings are refused');
	must(isRefused({ ...config, noSuchSetting: 'x' }), 'an unknown setting is accepted');
	for (const field of manifest.config.filter(
		(each) => each.required && each.default === undefined && !each.showWhen,
	))
		must(isRefused({ ...config, [field.key]: undefined }), `settings without ${field.key} are accepted`);
	for (const [name, given] of Object.entries(refused)) must(isRefused(given), `accepted: ${name}`);
}

async function happyCase(subject: ContractSubject): Promise<void> {
	const stage = stageFor(subject);
	await subject.accept(await subject.call(subject.plugin, stage.context));
	assertSilent(subject, stage.lines);
}

async function vendorCase(subject: ContractSubject, failure: VendorFailure): Promise<void> {
	await failure.arrange();
	const thrown = await failureOf(subject, stageFor(subject), failure.call ?? subject.call);
	const { reason, retry, certain } = failure.expected;
	must(thrown.reason === reason, `reason is ${thrown.reason}, not ${reason}: ${thrown.message}`);
	if (retry === undefined && certain === undefined) return;
	must(thrown instanceof DeliveryFailed, 'a sender throws DeliveryFailed');
	must(retry === undefined || thrown.retry === retry, `retry is ${thrown.retry}`);
	must(certain === undefined || thrown.certain === certain, `certain is ${thrown.certain}`);
}

/** The host gives the signal when the time is up; calls of a plugin that ignores it would pile up. */
async function hangCase(subject: ContractSubject): Promise<void> {
	must(subject.hang, 'a plugin with endpoints must be tried with a vendor that hangs');
	await subject.hang.arrange();
	const stage = stageFor(subject);
	const reached = subject.hang.reached();
	const failure = failureOf(subject, stage, subject.call);
	const first = await Promise.race([reached.then(() => 'reached'), failure.then(({ message }) => message)]);
	must(first === 'reached', `failed before the vendor was called: ${first}`);
	stage.abort();
	must((await failure).reason === 'unavailable', 'a hanging vendor is `unavailable`');
}

async function malformedCase(subject: ContractSubject): Promise<void> {
	must(subject.malformed, 'a plugin with endpoints must be tried with a vendor that answers nonsense');
	await subject.malformed.arrange();
	const failure = await failureOf(subject, stageFor(subject), subject.call);
	must(failure.reason === 'unavailable', `nonsense is \`unavailable\`, not ${failure.reason}`);
}

/** @returns the cases, to be run one after the other. */
export function contractCases(subject: ContractSubject): ContractCase[] {
	const one = (name: string, run: () => void | Promise<void>): ContractCase => ({
		name: `contract: ${name}`,
		run: async () => {
			await subject.reset?.();
			await run();
		},
	});
	const callsOut = Object.keys(subject.plugin.manifest.endpoints).length > 0;
	return [
		one('the manifest is complete', () => metadataCase(subject)),
		one('wrong settings are refused', () => configCase(subject)),
		one('the happy path works and logs no secret', () => happyCase(subject)),
		...(subject.failures ?? []).map((failure) => one(failure.name, () => vendorCase(subject, failure))),
		...(callsOut ? [one('a hanging vendor is given up at the signal', () => hangCase(subject))] : []),
		...(callsOut ? [one('a nonsense answer is caught', () => malformedCase(subject))] : []),
	];
}
