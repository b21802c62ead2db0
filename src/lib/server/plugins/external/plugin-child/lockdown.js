/**
 * First in the process of an operator's plugin, before its code: takes away what a plugin has no business with.
 * A guard rail in JavaScript, beside Node's permission model and what the system gives (docs/plugins.md).
 * Plain JavaScript, handed to Node as text: it imports nothing but Node.
 */
import { EventEmitter } from 'node:events';
import module from 'node:module';

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
/** The host's end of this process takes it, and takes it away. */
Object.defineProperty(globalThis, Symbol.for('menshen.host'), {
	value: {
		leave: Reflect.get(process, 'reallyExit').bind(process),
		onCrash: process.setUncaughtExceptionCaptureCallback.bind(process),
	},
	configurable: true,
});
fix(globalThis, 'process', facade);

for (const name of ['fetch', 'WebSocket', 'EventSource']) fix(globalThis, name, refusing(name));
// Printing would open streams, and with them sockets.
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
// Overriding what all emitters share must not hand out the process itself.
for (const name of ['emit', 'on', 'once', 'addListener', 'prependListener', 'listeners', 'listenerCount'])
	fix(process, name, EventEmitter.prototype[/** @type {'emit'} */ (name)]);
