/**
 * The host's end inside the process of an operator's plugin: takes calls from fd 0, gives the plugin its context,
 * and sends the results to the host over fd 1. Frames: four bytes of length, then JSON.
 *
 * @typedef {{ type: string, [key: string]: any }} Message
 * @typedef {(new (reason: string, detail: string, options?: object) => Error)} Failure
 */
import { read, writeSync } from 'node:fs';
import module from 'node:module';

const hostKey = Symbol.for('menshen.host');
/** @type {{ leave: (code: number) => never, onCrash: (told: (error: unknown) => void) => void }} */
const { leave, onCrash } = Reflect.get(globalThis, hostKey);
Reflect.deleteProperty(globalThis, hostKey);

/** Newer than the types at hand. @type {(hooks: object) => void} */
const registerHooks = Reflect.get(module, 'registerHooks');
const { parse, stringify } = JSON;
const largest = 2 * 1024 * 1024;

/** @this {Record<string, unknown>} @param {string} key @param {unknown} value */
function pack(key, value) {
	const bare = this[key];
	return bare instanceof Uint8Array ? { $bytes: Buffer.from(bare).toString('base64') } : value;
}

/** @param {string} _ @param {any} value */
const unpack = (_, value) =>
	typeof value?.$bytes === 'string' ? new Uint8Array(Buffer.from(value.$bytes, 'base64')) : value;

/** @param {Message} message */
function send(message) {
	const body = Buffer.from(stringify(message, pack));
	if (body.length > largest) throw new RangeError(`more than ${largest} bytes`);
	const frame = Buffer.alloc(body.length + 4);
	frame.writeUInt32BE(body.length);
	body.copy(frame, 4);
	for (let sent = 0; sent < frame.length;) sent += writeSync(1, frame, sent);
}

/** @type {any} */
let plugin;
/** The kit that the plugin was built with. @type {{ PluginFailure: Failure }} */
let kit;
/** @type {Map<number, AbortController>} */
const running = new Map();
/** Calls through the host that have not come back. @type {Map<number, { call: number, done: (reply: Message) => void }>} */
const waiting = new Map();
/** What the host refused, by the error that the plugin got for it. @type {WeakMap<object, number>} */
const refused = new WeakMap();
let requests = 0;

/** @param {{ code?: string, kind?: string }[]} links */
const chain = (links) =>
	links.reduceRight(
		(/** @type {Error | undefined} */ cause, link) => Object.assign(new Error('', { cause }), link),
		undefined,
	);

/** @param {Message} order @param {string} endpoint @param {object} options */
function http(order, endpoint, options) {
	const request = ++requests;
	return new Promise((resolve, reject) => {
		const done = (/** @type {Message} */ reply) => {
			waiting.delete(request);
			if (!reply.failure) return resolve(reply.value);
			const { reason, message, links } = reply.failure;
			const failure = new kit.PluginFailure(reason, message, { cause: chain(links) });
			refused.set(failure, request);
			return reject(failure);
		};
		waiting.set(request, { call: order.call, done });
		send({ type: 'http', call: order.call, request, endpoint: String(endpoint), options: options ?? {} });
	});
}

/** @param {Message} order @param {AbortSignal} signal */
function contextOf(order, signal) {
	const from = performance.now();
	const line =
		(/** @type {string} */ level) =>
		(/** @type {unknown} */ message, fields = {}) => {
			const said = { type: 'log', call: order.call, level, message: String(message) };
			try {
				send({ ...said, fields });
			} catch {
				send(said);
			}
		};
	return {
		config: configOf(order.config),
		http: async (/** @type {string} */ endpoint, /** @type {object} */ options) =>
			http(order, endpoint, options),
		address(/** @type {string} */ endpoint) {
			if (Object.hasOwn(order.addresses, endpoint)) return order.addresses[endpoint];
			throw new kit.PluginFailure('config', `there is no address of ${endpoint}`);
		},
		connect: async () => {
			throw new kit.PluginFailure('config', 'plugins of operators open no connections');
		},
		now: () => Math.round(order.now + performance.now() - from),
		locale: order.locale,
		log: { info: line('info'), warn: line('warn'), error: line('error') },
		signal,
	};
}

/** @param {unknown} values */
function configOf(values) {
	const result = plugin.config?.safeParse(values);
	if (!result || result.success) return result ? result.data : values;
	const fields = result.error.issues.map((/** @type {any} */ issue) => issue.path.join('.')).join(', ');
	throw new kit.PluginFailure('config', `settings: ${fields}`);
}

/** Which fields of settings that are about to be saved its schema refuses. @param {unknown} values */
function refusedFields(values) {
	const result = plugin.config?.safeParse(values);
	if (!result || result.success) return [];
	return [...new Set(result.error.issues.map((/** @type {any} */ issue) => String(issue.path[0] ?? '')))];
}

/** @param {any} wait */
const wholeSeconds = (wait) => (Number.isFinite(wait) ? Math.max(0, Math.ceil(wait)) : undefined);

/** @param {any} error */
function toldOf(error) {
	const { name, message, reason, counts, retry, certain, retryAfter } = error ?? {};
	/** @type {any} */
	let link = error;
	for (let depth = 0; depth < 8 && link && !refused.has(link); depth += 1) link = link.cause;
	const known = ['PluginFailure', 'DeliveryFailed'].includes(name);
	return {
		name: String(name ?? 'nothing').slice(0, 60),
		message: String(message ?? '').slice(0, 500),
		...(known ? { reason, counts, retry, certain, retryAfter: wholeSeconds(retryAfter) } : {}),
		...(link && refused.has(link) ? { request: refused.get(link) } : {}),
	};
}

/** What is thrown may throw when it is looked at. @param {unknown} error */
function toldSafely(error) {
	try {
		return toldOf(error);
	} catch {
		return { name: 'nonsense', message: '' };
	}
}

/** @param {Message} order @param {AbortSignal} signal */
async function answerTo(order, signal) {
	const { kind, name, input, config } = order;
	if (kind === 'config') return refusedFields(config);
	const context = contextOf(order, signal);
	return kind === 'selfTest' ? plugin.selfTest?.(context) : plugin[kind][name](input, context);
}

/** @param {Message} order */
async function run(order) {
	const { call } = order;
	const controller = new AbortController();
	running.set(call, controller);
	try {
		send({ type: 'result', call, value: await answerTo(order, controller.signal) });
	} catch (error) {
		send({ type: 'failure', call, ...toldSafely(error) });
	} finally {
		running.delete(call);
	}
}

/** @param {{ id: string, source: string }} order */
async function load({ id, source }) {
	const address = `menshen:${id}/index.server.js`;
	/** @typedef {(name: string, context: object) => object} Next */
	registerHooks({
		resolve: (/** @type {string} */ name, /** @type {object} */ context, /** @type {Next} */ next) =>
			name === address ? { url: address, format: 'module', shortCircuit: true } : next(name, context),
		load: (/** @type {string} */ url, /** @type {object} */ context, /** @type {Next} */ next) =>
			url === address ? { format: 'module', source, shortCircuit: true } : next(url, context),
	});
	try {
		plugin = (await import(address)).default;
		kit = plugin?.[Symbol.for('menshen.kit')];
		if (!kit) throw new TypeError('the default export was not built by definePlugin');
		send({ type: 'loaded', kinds: plugin.manifest.kinds });
	} catch (error) {
		send({ type: 'broken', ...toldSafely(error) });
	}
}

/** @param {number} call */
function abort(call) {
	running.get(call)?.abort();
	const failure = { reason: 'unavailable', message: 'given up', links: [] };
	for (const each of [...waiting.values()]) if (each.call === call) each.done({ type: 'reply', failure });
	send({ type: 'aborted', call });
}

/** @param {Message} message */
function take(message) {
	if (message.type === 'load') void load(/** @type {any} */ (message));
	else if (message.type === 'call') void run(message);
	else if (message.type === 'reply') waiting.get(message.request)?.done(message);
	else if (message.type === 'abort') abort(message.call);
}

// The process would not end by itself: one of its threads waits for the host.
onCrash((error) => send({ type: 'crashed', name: toldSafely(error).name }));

let rest = Buffer.alloc(0);
const chunk = Buffer.alloc(1024 * 1024);

/** @param {Buffer} fresh */
function feed(fresh) {
	rest = Buffer.concat([rest, fresh]);
	while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
		const end = 4 + rest.readUInt32BE();
		const message = parse(rest.toString('utf8', 4, end), unpack);
		rest = rest.subarray(end);
		take(message);
	}
}

/** Ends the process when the host has gone. */
function listen() {
	read(0, chunk, 0, chunk.length, null, (error, length) => {
		if (error || length === 0) leave(0);
		feed(chunk.subarray(0, length));
		listen();
	});
}
listen();
