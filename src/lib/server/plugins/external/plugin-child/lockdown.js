/**
 * First in the process of an operator's plugin, before its code: removes what a plugin must not have. A guard rail
 * in JavaScript, beside Node's permission model and the system's confinement (docs/plugins.md). Plain JavaScript,
 * handed to Node as text: it imports nothing but Node.
 */
import { EventEmitter } from 'node:events';
import module from 'node:module';
// The first import makes Node set properties of the process, which are fixed below.
import 'node:util';

// Not imported: the module reads every property of it once, and so opens its streams.
const { process } = globalThis;
/** Newer than the types at hand. @type {(hooks: object) => void} */
const registerHooks = Reflect.get(module, 'registerHooks');

/** Built-in modules that reach nothing outside. */
const allowed = new Set([
	'assert',
	'assert/strict',
	'buffer',
	'crypto',
	'events',
	'path',
	'path/posix',
	'querystring',
	'stream',
	'stream/promises',
	'stream/web',
	'string_decoder',
	'timers',
	'timers/promises',
	'url',
	'util',
	'util/types',
	'zlib',
]);

/** @param {string} what */
const refusing = (what) =>
	function () {
		throw new Error(`${what} is not there for plugins (docs/plugins.md)`);
	};

/** @param {object} target @param {PropertyKey} name @param {unknown} value */
function fix(target, name, value) {
	Object.defineProperty(target, name, { value, writable: false, configurable: false, enumerable: false });
}

registerHooks({
	/** @param {string} specifier @param {{ parentURL?: string }} context @param {(name: string, context: object) => object} next */
	resolve(specifier, context, next) {
		if (!context.parentURL?.startsWith('menshen:')) return next(specifier, context);
		const name = specifier.replace(/^node:/, '');
		if (allowed.has(name)) return next(`node:${name}`, context);
		throw new Error(`${specifier} cannot be imported: what a plugin needs is bundled into index.server.js`);
	},
});

const nothing = () => undefined;
const { arch, platform, version } = process;
const facade = Object.freeze({
	arch,
	argv: Object.freeze([]),
	cwd: () => '/',
	emitWarning: nothing,
	env: Object.freeze({}),
	hrtime: process.hrtime.bind(process),
	nextTick: process.nextTick.bind(process),
	off: nothing,
	on: nothing,
	once: nothing,
	platform,
	release: Object.freeze({ name: 'node' }),
	version,
	versions: Object.freeze({ node: process.versions.node }),
});
/** The shim takes this object, and removes it from the global scope. */
Object.defineProperty(globalThis, Symbol.for('menshen.host'), {
	value: {
		leave: Reflect.get(process, 'reallyExit').bind(process),
		onCrash: process.setUncaughtExceptionCaptureCallback.bind(process),
	},
	configurable: true,
});
fix(globalThis, 'process', facade);

/** What stays in the global scope: the language, and web APIs that reach nothing outside. */
const kept = `
Infinity NaN undefined globalThis global console process
Object Function Array Number String Boolean Symbol BigInt Math JSON Date RegExp Promise Proxy Reflect Atomics Intl
Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator DisposableStack AsyncDisposableStack WebAssembly
Error AggregateError EvalError RangeError ReferenceError SuppressedError SyntaxError TypeError URIError DOMException
ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array
Uint32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array
parseFloat parseInt isFinite isNaN decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape eval
setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask structuredClone
AbortController AbortSignal Event EventTarget CustomEvent MessageChannel MessagePort MessageEvent
Blob Buffer File TextDecoder TextEncoder TextDecoderStream TextEncoderStream URL URLPattern URLSearchParams atob btoa
ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader ReadableStreamBYOBRequest
ReadableByteStreamController ReadableStreamDefaultController WritableStream WritableStreamDefaultController
WritableStreamDefaultWriter TransformStream TransformStreamDefaultController ByteLengthQueuingStrategy
CountQueuingStrategy CompressionStream DecompressionStream
Crypto CryptoKey SubtleCrypto crypto performance
`.split(/\s+/);
/** Node adds every built-in module to the global scope of code passed as text: `globalThis.net`. */
for (const name of Object.getOwnPropertyNames(globalThis))
	if (!kept.includes(name)) Reflect.deleteProperty(globalThis, name);
for (const name of ['fetch', 'WebSocket', 'EventSource']) fix(globalThis, name, refusing(name));
// Code that loads Node's own fetch after all finds this property set, and gets no dispatcher.
for (const version of [1, 2, 3])
	fix(globalThis, Symbol.for(`undici.globalDispatcher.${version}`), Object.freeze({}));
// The console would open streams, and with them sockets.
const quiet = Object.keys(console).map((name) => [name, nothing]);
fix(globalThis, 'console', Object.freeze(Object.fromEntries(quiet)));

// Should the real one ever be reached, it does nothing either.
const methods = [
	'_debugEnd',
	'_debugProcess',
	'_getActiveHandles',
	'_getActiveRequests',
	'_kill',
	'_linkedBinding',
	'_rawDebug',
	'abort',
	'binding',
	'chdir',
	'dlopen',
	'execve',
	'exit',
	'getBuiltinModule',
	'initgroups',
	'kill',
	'loadEnvFile',
	'openStdin',
	'reallyExit',
	'setUncaughtExceptionCaptureCallback',
	'setegid',
	'seteuid',
	'setgid',
	'setgroups',
	'setuid',
	'umask',
];
for (const name of methods) fix(process, name, refusing(`process.${name}`));
for (const name of ['stdin', 'stdout', 'stderr', 'mainModule']) fix(process, name, undefined);
// Overriding a method that all emitters share must not expose the process itself.
for (const name of ['emit', 'on', 'once', 'addListener', 'prependListener', 'listeners', 'listenerCount'])
	fix(process, name, EventEmitter.prototype[/** @type {'emit'} */ (name)]);
