/** Tests may talk to this machine only: a connection to anywhere else is a bug in the test. */
import net from 'node:net';

const loopback = /^(localhost|127\.|::1$|\[::1\])/;
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (this: net.Socket, ...args: never[]) {
	const [first] = args as unknown as [{ host?: string; path?: string } | unknown[]];
	const options = (Array.isArray(first) ? first[0] : first) as { host?: string; path?: string };
	if (!options?.path && options?.host && !loopback.test(options.host))
		throw new Error(`tests may not connect to ${options.host}`);
	return (connect).apply(this, args);
};
