/** What was measured: rows of figures and ratios, printed as they come. */
import { drive } from './driver.mjs';

export const seconds = Number(process.env.BENCH_SECONDS ?? 2);
export const turns = Number(process.env.BENCH_TURNS ?? 3);

/** Every row noted so far. */
export const rows = [];

export const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
export const round = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));

export function note(what, { figure, unit = '/s', against = '', ratio, goal, atMost = false }) {
	const met = goal === undefined ? '' : (atMost ? ratio <= goal : ratio >= goal) ? 'yes' : 'NO';
	rows.push({ what, figure, unit, against, ratio, goal, met });
	const shown = ratio === undefined ? '' : ratio.toFixed(2);
	console.log(
		[
			what.padEnd(38),
			`${round(figure)}${unit}`.padStart(12),
			against.padEnd(34),
			shown.padStart(6),
			String(goal ?? '').padStart(5),
			met,
		].join('  '),
	);
}

/** Each load in turns, so that whatever else the machine does strikes all alike. @returns medians */
export async function inTurns(loads) {
	const results = loads.map(() => []);
	for (let turn = 0; turn < turns; turn++)
		for (const [index, load] of loads.entries()) results[index].push(await drive({ seconds, ...load }));
	return results.map((runs) => ({
		perSecond: median(runs.map((run) => run.perSecond)),
		p50: median(runs.map((run) => run.p50)),
		p99: median(runs.map((run) => run.p99)),
		errors: runs.reduce((sum, run) => sum + run.errors, 0),
	}));
}

/** @throws where any answer was not what was expected */
export function failOnErrors(results) {
	const errors = results.reduce((sum, result) => sum + result.errors, 0);
	if (errors > 0) throw new Error(`${errors} answers were wrong: the figures mean nothing`);
}
