/** The engine as the product runs it beside the bare one: tests/bench/oidc.mjs, its lines made rows. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../product.mjs';
import { note, round, turns } from '../report.mjs';

export function measureEngine() {
	const script = join(root, 'tests/bench/oidc.mjs');
	for (const alg of ['RS256', 'ES256']) {
		const { stdout, stderr, status } = spawnSync(
			process.execPath,
			[script, alg, 'flow,refresh,introspection,userinfo', '1', String(turns)],
			{ env: process.env },
		);
		if (status !== 0) throw new Error(stderr.toString());
		for (const line of stdout.toString().trim().split('\n')) {
			const found = /^(\S+) (\S+)\s.*bare (\d+)\/s.*product (\d+)\/s.*ratio ([\d.]+).*goal ([\d.]+)/.exec(
				line,
			);
			if (found)
				note(`${found[2]} (${found[1]})`, {
					figure: Number(found[4]),
					against: `bare engine ${round(Number(found[3]))}`,
					ratio: Number(found[5]),
					goal: Number(found[6]),
				});
		}
	}
}
