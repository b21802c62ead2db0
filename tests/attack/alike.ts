/** Whether two answers, and two piles of times, can be told apart. */
import type { Got } from './wire';

/** What an answer says, without what names the person or the request. */
export function said({ status, headers, cookies, body }: Got, names: string[]): string {
	const {
		date: _,
		'menshen-request': __,
		'content-length': ___,
		etag: ____,
		'set-cookie': _____,
		...rest
	} = headers;
	const lines = cookies.map((line) =>
		line
			.replace(/%22verification%22%3A%22[^%]+%22/, 'verification')
			.replace(/(menshen-browser-\d+)=[\w-]+/, '$1'),
	);
	let text = JSON.stringify({
		status,
		rest,
		lines,
		body: body.replace(/\\?"verification\\?":\\?"[\w-]+\\?"/, 'verification'),
	});
	for (const name of names)
		text = text.replaceAll(name, 'somebody').replaceAll(encodeURIComponent(name), 'somebody');
	return text;
}

export const median = (values: readonly number[]): number => {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** Two-sided p of the rank sum test of Mann and Whitney, by its normal approximation (samples of 20 and more). */
export function sameDistribution(a: readonly number[], b: readonly number[]): number {
	const all = [
		...a.map((value) => ({ value, isA: true })),
		...b.map((value) => ({ value, isA: false })),
	].sort((x, y) => x.value - y.value);
	const ranks = all.reduce((sum, { isA }, index) => sum + (isA ? index + 1 : 0), 0);
	const u = ranks - (a.length * (a.length + 1)) / 2;
	const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
	const z = Math.abs(u - (a.length * b.length) / 2) / deviation;
	// Abramowitz and Stegun 7.1.26.
	const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
	const poly =
		t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
	return poly * Math.exp((-z * z) / 2);
}
