/**
 * Drives the servers through the same exchange in turns, 16 connections at a time, so that whatever else the
 * machine does strikes all of them alike. Prints a line of JSON for each exchange.
 * Arguments: seconds a turn, turns, names, then `label=pid=issuer` for each server.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { floorExchange, prepare, type Exchange, type Exchanges } from './exchanges';
import { Wire } from './wire';

const connections = 16;
const [, , seconds = '1', turns = '5', names = '', ...targets] = process.argv;

interface Lane {
	wire: Wire;
	run: Exchange;
}

interface Turn {
	perSecond: number;
	/** Processor time of the server for one exchange, microseconds. */
	cpu: number;
}

/** Processor time used by a process so far, microseconds: Linux counts it for each thread. */
function usedBy(pid: string): number {
	const threads = readdirSync(`/proc/${pid}/task`).map((thread) =>
		readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'),
	);
	return threads.reduce((sum, line) => sum + Number(line.split(' ')[0]) / 1000, 0);
}

async function runFor(lanes: readonly Lane[], milliseconds: number): Promise<number> {
	const end = performance.now() + milliseconds;
	const counts = await Promise.all(
		lanes.map(async ({ wire, run }) => {
			let count = 0;
			for (; performance.now() < end; count += 1) await run(wire);
			return count;
		}),
	);
	return counts.reduce((sum, count) => sum + count, 0);
}

const median = (values: number[]): number =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

class Target {
	readonly label: string;
	readonly #pid: string;
	readonly #issuer: URL;
	#exchanges: Exchanges = {};
	#lanes: Lane[] = [];
	turns: Turn[] = [];

	constructor(text: string) {
		const [label = '', pid = '', issuer = ''] = text.split('=');
		this.label = label;
		this.#pid = pid;
		this.#issuer = new URL(issuer);
	}

	/** Prepared anew each time: the bare engine's memory forgets what it has not seen for a thousand entries. */
	async begin(name: string): Promise<void> {
		if (this.label !== 'floor') this.#exchanges = await prepare(this.#issuer, connections);
		const make = this.label === 'floor' ? floorExchange : this.#exchanges[name];
		if (!make) throw new Error(`${name} is not measured`);
		const wires = await Promise.all(
			Array.from({ length: connections }, () => Wire.open(Number(this.#issuer.port))),
		);
		this.#lanes = wires.map((wire, index) => ({ wire, run: make(index) }));
		this.turns = [];
		await runFor(this.#lanes, 500);
	}

	async turn(): Promise<void> {
		const [began, used] = [performance.now(), usedBy(this.#pid)];
		const count = await runFor(this.#lanes, Number(seconds) * 1000);
		this.turns.push({
			perSecond: (count * 1000) / (performance.now() - began),
			cpu: (usedBy(this.#pid) - used) / count,
		});
	}

	end(): void {
		for (const { wire } of this.#lanes) wire.close();
	}
}

async function measure(all: readonly Target[], name: string): Promise<void> {
	for (const target of all) await target.begin(name);
	for (let turn = 0; turn < Number(turns); turn += 1) for (const target of all) await target.turn();
	for (const target of all) target.end();
	const figures = all.map(({ label, turns: done }) => [
		label,
		{
			perSecond: Math.round(median(done.map((turn) => turn.perSecond))),
			cpu: Number(median(done.map((turn) => turn.cpu)).toFixed(1)),
		},
	]);
	process.stdout.write(`${JSON.stringify({ name, figures: Object.fromEntries(figures) as unknown })}\n`);
}

const all = targets.map((text) => new Target(text));
for (const name of names.split(',')) await measure(all, name);
process.exit(0);
