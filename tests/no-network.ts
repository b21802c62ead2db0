/** Tests may talk to this machine only: a connection to anywhere else is a bug in the test. */
import net from 'node:net';

const loopback = /^(localhost|127\.|::1$|\[::1\])/;
const connect = net.Socket.prototype.connect;

interface Destination {
	host?: string;
	path?: string;
}

function destinationOf(args: readonly unknown[]): Destination {
	const first = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0];
	return typeof first === 'object' && first !== null ? first : {};
}

net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
	const { host, path } = destinationOf(args);
	if (!path && host && !loopback.test(host)) throw new Error(`tests may not connect to ${host}`);
	return Reflect.apply(connect, this, args) as net.Socket;
};
