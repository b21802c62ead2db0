/**
 * The order of the unit tests: tests that mostly wait come first, so that the others run beside them and not after
 * them.
 */
import { BaseSequencer } from 'vitest/node';

/** These test files wait for up to a minute, as the behaviour they test does. */
const waiting = ['tests/attack/slow-clients.test.ts'];

/** @param {{ moduleId: string }} file */
const waits = ({ moduleId }) => waiting.some((file) => moduleId.endsWith(file));

export class LongestFirst extends BaseSequencer {
	/** @override @param {import('vitest/node').TestSpecification[]} files */
	async sort(files) {
		const sorted = await super.sort(files);
		return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
	}
}
