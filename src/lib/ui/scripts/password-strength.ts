/**
 * A rough idea of how long a password resists guessing, as advice while it is typed. Deliberately small: the server
 * has the list of common passwords and decides.
 */

/** 0: nothing typed; 1 weak, 2 fair, 3 good, 4 strong. */
export type StrengthLevel = 0 | 1 | 2 | 3 | 4;

const pools: readonly (readonly [RegExp, number])[] = [
	[/[a-z]/, 26],
	[/[A-Z]/, 26],
	[/[0-9]/, 10],
	[/[ -/:-@[-`{-~]/, 33],
	[/[^ -~]/, 200],
];

/** Characters that do not merely repeat or count on from the one before (`aaaa`, `1234`, `dcba`). */
function surprises(text: string): number {
	let count = 0;
	let step = Number.NaN;
	const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
	codes.forEach((code, index) => {
		const before = codes[index - 1];
		const next = before === undefined ? Number.NaN : code - before;
		const continues = Math.abs(next) <= 1 && (next === step || index === 1);
		count += continues ? 0.25 : 1;
		step = next;
	});
	return count;
}

/** Takes out what an attacker tries first: the names given, lower-cased. */
function withoutNames(text: string, names: readonly string[]): string {
	return names
		.filter((name) => name.length > 2)
		.reduce((rest, name) => rest.toLowerCase().replaceAll(name.toLowerCase(), ''), text);
}

/** How strong `password` is for someone who knows `names` (the account's and the app's). */
export function strengthOf(password: string, names: readonly string[] = []): StrengthLevel {
	if (password === '') return 0;
	const known = names.some((name) => name.length > 2 && password.toLowerCase().includes(name.toLowerCase()));
	const rest = known ? withoutNames(password, names) : password;
	const pool = pools.reduce((size, [pattern, more]) => size + (pattern.test(rest) ? more : 0), 0);
	// People choose words, not noise: a character is worth half of what its alphabet allows, and two bits.
	const bits = surprises(rest) * (pool > 0 ? Math.log2(pool) / 2 + 0.6 : 0);
	if (bits < 24) return 1;
	if (bits < 36) return 2;
	return bits < 54 ? 3 : 4;
}
