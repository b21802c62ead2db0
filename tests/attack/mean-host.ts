/** A host that answers as a test likes, and what it costs the appliance. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

export interface MeanHost {
	port: number;
	/** The paths asked for so far. */
	asked: string[];
}

/** Listens until the running test is over. */
export async function startMeanHost(answer: (res: ServerResponse, path: string) => void): Promise<MeanHost> {
	const asked: string[] = [];
	const server = createServer((req, res) => {
		asked.push(req.url ?? '');
		answer(res, req.url ?? '');
	}).listen(0, '127.0.0.1');
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await once(server, 'listening');
	return { port: (server.address() as AddressInfo).port, asked };
}

/** Sixty-four kilobytes on the wire that unpack to as many megabytes. */
export const bomb = (): Buffer => gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a'), { level: 9 });

/** Sends without end, as fast as it is read. */
export function pour(res: ServerResponse): void {
	const chunk = Buffer.alloc(256 * 1024, 'a');
	const more = () => {
		while (!res.destroyed && res.write(chunk));
		if (!res.destroyed) res.once('drain', more);
	};
	more();
}

/** Megabytes, the most that a process held since `forgetPeak`; 0 where the system does not report it. */
export function peakMemory(pid: number): number {
	if (process.platform !== 'linux') return 0;
	return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

export function forgetPeak(pid: number): void {
	if (process.platform === 'linux') writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
