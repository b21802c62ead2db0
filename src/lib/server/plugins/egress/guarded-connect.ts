/** Outgoing TCP for senders, through the same guard as HTTP. */
import { connect, type Socket } from 'node:net';
import { causedBy, codeOf, EgressFailure } from './failure';
import type { Address, Guard } from './guard';

export interface Target {
	host: string;
	port: number;
	signal: AbortSignal;
}

function dial(target: Target, address: Address): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: address.address, port: target.port });
		const fail = (error: Error) => {
			socket.destroy();
			reject(error);
		};
		const onAbort = () =>
			fail(new EgressFailure('timeout', target.host, 'did not accept a connection in time'));
		target.signal.addEventListener('abort', onAbort, { once: true });
		// This listener stays: an error while the socket passes from one owner to the next must not end the process.
		socket.on('error', fail);
		socket.once('close', () => target.signal.removeEventListener('abort', onAbort));
		socket.once('connect', () => resolve(socket));
		if (target.signal.aborted) onAbort();
	});
}

/**
 * Connects to the first address that answers.
 * @throws {EgressFailure}
 */
export async function guardedConnect(guard: Guard, target: Target): Promise<Socket> {
	const addresses = await guard.resolve(target.host);
	let last: unknown;
	for (const address of addresses) {
		try {
			return await dial(target, address);
		} catch (error) {
			if (target.signal.aborted) throw error;
			last = error;
		}
	}
	throw causedBy(new EgressFailure('network', target.host, `${codeOf(last)} on port ${target.port}`), last);
}
