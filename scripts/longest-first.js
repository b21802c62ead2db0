/** The order of the unit tests: what mostly waits comes first, so that the others run beside it and not after it. */
import { BaseSequencer } from 'vitest/node';

/** They hold something for a minute because that is what they promise. */
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
